/**
 * The annotations that named AppArmor profiles before there were fields: what they say is copied into the fields of a
 * new Pod, with a warning (applyAppArmorVersionSkew of pkg/registry/core/pod/strategy.go).
 */
import { equal } from '../../../machinery/equality.ts';
import { fieldPath, forbidden, invalid } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { quote } from '../../../machinery/go-quote.ts';
import type { AppArmorProfile, Container, EphemeralContainer, Pod, PodSpec } from '../../generated/types.ts';
import { validateAppArmor } from './profile-validation.ts';

/** The container's name follows. */
export const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

export const deprecatedAppArmor = 'deprecated since v1.30; use the "appArmorProfile" field instead';

type Annotations = Readonly<Record<string, string>>;

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (!annotation.startsWith('localhost/')) return undefined;
  const profile = { type: 'Localhost', localhostProfile: annotation.slice('localhost/'.length) };
  const errors: FieldError[] = [];
  validateAppArmor(profile, fieldPath('x'), errors);
  return errors.length === 0 ? profile : undefined;
}

const namesProfile = (annotations: Annotations | undefined): boolean => {
  for (const key in annotations) if (key.startsWith(appArmorAnnotation)) return true;
  return false;
};

function withField<C extends Container | EphemeralContainer>(container: C, pod: Pod, warn: (text: string) => void): C {
  const key = `${appArmorAnnotation}${container.name}`;
  const annotation = pod.metadata.annotations?.[key];
  if (annotation === undefined || container.securityContext?.appArmorProfile) return container;
  const profile = profileOf(annotation);
  const isNew = profile !== undefined && !equal(profile, pod.spec.securityContext?.appArmorProfile);
  if (!profile || isNew) warn(`${fieldPath('metadata', 'annotations').key(key)}: ${deprecatedAppArmor}`);
  return isNew ? { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } } : container;
}

/** The Pod with the profiles of its annotations in its fields. */
export function appArmorFields(pod: Pod, warn: (text: string) => void): Pod {
  if (!namesProfile(pod.metadata.annotations)) return pod;
  const spec = { ...pod.spec };
  if (spec.initContainers) spec.initContainers = spec.initContainers.map((container) => withField(container, pod, warn));
  if (spec.containers) spec.containers = spec.containers.map((container) => withField(container, pod, warn));
  return { ...pod, spec };
}

/** ValidateAppArmorPodAnnotations and validateAppArmorAnnotationsAndFieldsMatchOnCreate of pkg/apis/core/validation/validation.go. */
export function validateAppArmorAnnotations(annotations: Annotations, spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (!namesProfile(annotations)) return;
  const containers = lists.flatMap((list) => (spec[list] ?? []).map((container, i) => ({ container, list, i })));
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(appArmorAnnotation)) continue;
    const name = key.slice(appArmorAnnotation.length);
    const value = annotations[key]!;
    const found = containers.find(({ container }) => container.name === name);
    if (!found) errors.push(invalid(path.key(key), name, 'container not found'));
    if (value !== '' && value !== 'runtime/default' && value !== 'unconfined' && !value.startsWith('localhost/'))
      errors.push(invalid(path.key(key), value, `invalid AppArmor profile name: ${quote(value)}`));
    const field = found?.container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (found && field && !equal(field, profileOf(value)))
      errors.push(
        forbidden(
          fieldPath('spec', found.list).index(found.i).child('securityContext', 'appArmorProfile', 'type'),
          'apparmor type in annotation and field must match',
        ),
      );
  }
}
