/**
 * Validation of a Pod's spec: ValidatePodSpec of pkg/apis/core/validation/validation.go, in its order. A spec is
 * validated once for each place where it stands, by identity.
 */
import { fieldPath, forbidden, invalid, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, dns1123SubdomainWithUnderscore, qualifiedName } from '../../../machinery/names.ts';
import { validateLabels, validateAnnotations, validateUnique } from '../../metadata/object-meta.ts';
import { complain, oneOf, validateIP } from '../../metadata/rules.ts';
import type { PodSpec, PodTemplateSpec } from '../../generated/types.ts';
import { validatePodClaims } from './claim-validation.ts';
import { validateContainers } from './container-validation.ts';
import { validatePodResources } from './pod-resources.ts';
import { validateHostUsers, validatePodSecurityContext } from './security-validation.ts';
import { validateAffinity, validateActiveDeadline, validateSpread, validateTolerations } from './scheduling-validation.ts';
import { validateVolumes } from './volume-validation.ts';

/** Where templates stand in the kinds that have one. */
const templatePaths = {
  template: fieldPath('spec', 'template'),
  podTemplate: fieldPath('template'),
  jobTemplate: fieldPath('spec', 'jobTemplate', 'spec', 'template'),
};

/** The field of a template: of most kinds, of a PodTemplate, of a CronJob. */
export type TemplatePlace = keyof typeof templatePaths;

/** Whether a spec is a Pod's own or stands in a template, which allows a little more. */
export type SpecPlace = 'pod' | TemplatePlace;

/** The paths of specs. */
export const specPaths: Readonly<Record<SpecPlace, FieldPath>> = {
  pod: fieldPath('spec'),
  template: templatePaths.template.child('spec'),
  podTemplate: templatePaths.podTemplate.child('spec'),
  jobTemplate: templatePaths.jobTemplate.child('spec'),
};

/** The paths of annotations. */
export const annotationPaths: Readonly<Record<SpecPlace, FieldPath>> = {
  pod: fieldPath('metadata', 'annotations'),
  template: templatePaths.template.child('metadata', 'annotations'),
  podTemplate: templatePaths.podTemplate.child('metadata', 'annotations'),
  jobTemplate: templatePaths.jobTemplate.child('metadata', 'annotations'),
};

/** What was found out about specs, for each place. */
export function bySpecPlace<T>(): Readonly<Record<SpecPlace, WeakMap<PodSpec, T>>> {
  return { pod: new WeakMap(), template: new WeakMap(), podTemplate: new WeakMap(), jobTemplate: new WeakMap() };
}

function validateDNS({ dnsPolicy, dnsConfig }: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('dnsConfig');
  if (dnsPolicy === 'None') {
    if (!dnsConfig) {
      errors.push(required(at, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (!dnsConfig.nameservers?.length) {
      errors.push(required(at.child('nameservers'), 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
      return;
    }
  }
  if (!dnsConfig) return;
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  if (nameservers.length > 3) errors.push(invalid(at.child('nameservers'), nameservers, 'must not have more than 3 nameservers'));
  nameservers.forEach((address, i) => {
    validateIP(address, at.child('nameservers').index(i), errors);
  });
  if (searches.length > 32) errors.push(invalid(at.child('searches'), searches, 'must not have more than 32 search paths'));
  if (searches.join(' ').length > 2048) {
    errors.push(invalid(at.child('searches'), searches, 'must not have more than 2048 characters (including spaces) in the search list'));
  }
  searches.forEach((search, i) => {
    if (search === '.') return;
    const name = search.replace(/\.$/, '');
    complain(name, dns1123SubdomainWithUnderscore(name), at.child('searches').index(i), errors);
  });
  options.forEach((option, i) => {
    if (!option.name) errors.push(required(at.child('options').index(i), 'must not be empty'));
  });
}

function validateHostNetwork(spec: PodSpec, place: SpecPlace, path: FieldPath, errors: FieldError[]): void {
  if (!spec.hostNetwork) return;
  spec.containers?.forEach((container, i) => {
    container.ports?.forEach(({ hostPort = 0, containerPort }, j) => {
      if ((place !== 'pod' && hostPort === 0) || hostPort === containerPort) return;
      const at = path.child('containers').index(i).child('ports').index(j).child('hostPort');
      errors.push(invalid(at, hostPort, 'must match `containerPort` when `hostNetwork` is true'));
    });
  });
}

function validateNames(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const { serviceAccountName, nodeName, activeDeadlineSeconds, hostname, subdomain } = spec;
  if (serviceAccountName) complain(serviceAccountName, dns1123Subdomain(serviceAccountName), path.child('serviceAccountName'), errors);
  if (nodeName) complain(nodeName, dns1123Subdomain(nodeName), path.child('nodeName'), errors);
  if (activeDeadlineSeconds !== undefined) validateActiveDeadline(activeDeadlineSeconds, path.child('activeDeadlineSeconds'), errors);
  if (hostname) complain(hostname, dns1123Label(hostname), path.child('hostname'), errors);
  if (subdomain) complain(subdomain, dns1123Label(subdomain), path.child('subdomain'), errors);
}

function validateOS({ os }: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (!os) return;
  if (!os.name) errors.push(required(path.child('name')));
  else if (os.name !== 'linux' && os.name !== 'windows') errors.push(notSupported(path, os.name, ['linux', 'windows']));
}

function validateRest(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  validateTolerations(spec.tolerations ?? [], path.child('tolerations'), errors);
  (spec.hostAliases ?? []).forEach(({ ip, hostnames }, i) => {
    const at = path.child('hostAliases').index(i);
    validateIP(ip, at.child('ip'), errors);
    (hostnames ?? []).forEach((hostname, j) => {
      complain(hostname, dns1123Subdomain(hostname), at.child('hostnames').index(j), errors);
    });
  });
  if (spec.priorityClassName)
    complain(spec.priorityClassName, dns1123Subdomain(spec.priorityClassName), path.child('priorityClassName'), errors);
  if (spec.runtimeClassName)
    complain(spec.runtimeClassName, dns1123Subdomain(spec.runtimeClassName), path.child('runtimeClassName'), errors);
  if (spec.preemptionPolicy !== undefined)
    oneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], path.child('preemptionPolicy'), errors);
  validateOS(spec, path.child('os'), errors);
}

function validateSpec(spec: PodSpec, place: SpecPlace, podName: string | undefined): readonly FieldError[] {
  const path = specPaths[place];
  const errors: FieldError[] = [];
  const volumes = validateVolumes(spec.volumes ?? [], podName, path.child('volumes'), errors);
  validatePodClaims(spec.resourceClaims ?? [], path.child('resourceClaims'), errors);
  validateContainers(spec, volumes, path, errors);
  validatePodResources(spec, path.child('resources'), errors);
  validateHostNetwork(spec, place, path, errors);
  oneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], path.child('restartPolicy'), errors);
  oneOf(spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'], path.child('dnsPolicy'), errors);
  validateLabels(spec.nodeSelector, path.child('nodeSelector'), errors);
  validatePodSecurityContext(spec, path.child('securityContext'), errors);
  validateAffinity(spec.affinity, path.child('affinity'), errors);
  validateDNS(spec, path, errors);
  (spec.readinessGates ?? []).forEach(({ conditionType }, i) => {
    complain(conditionType, qualifiedName(conditionType), path.child('readinessGates').index(i).child('conditionType'), errors);
  });
  const gates = (spec.schedulingGates ?? []).map(({ name }) => name);
  gates.forEach((name, i) => {
    complain(name, qualifiedName(name), path.child('schedulingGates').index(i), errors);
  });
  validateUnique(gates, (i) => path.child('schedulingGates').index(i), errors);
  validateSpread(spec.topologySpreadConstraints ?? [], path.child('topologySpreadConstraints'), errors);
  validateHostUsers(spec, path, errors);
  validateNames(spec, path, errors);
  validateRest(spec, path, errors);
  if (place === 'pod') {
    for (const list of ['containers', 'initContainers'] as const) {
      (spec[list] ?? []).forEach(({ image = '' }, i) => {
        if (image !== image.trim())
          errors.push(invalid(path.child(list).index(i).child('image'), image, 'must not have leading or trailing whitespace'));
      });
    }
  }
  return errors;
}

const results = bySpecPlace<readonly FieldError[]>();

/** Errors of a spec, as a Pod's own or in the template of a workload. A new Pod has a name, and so have the claims that are made for it. */
export function validatePodSpec(spec: PodSpec, place: SpecPlace, podName?: string): readonly FieldError[] {
  if (podName !== undefined && spec.volumes?.some(({ ephemeral }) => ephemeral)) return validateSpec(spec, place, podName);
  let errors = results[place].get(spec);
  if (!errors) {
    errors = validateSpec(spec, place, undefined);
    results[place].set(spec, errors);
  }
  return errors;
}

/** ValidatePodTemplateSpec: labels, annotations and spec of the template of a workload. */
export function validateTemplate(template: PodTemplateSpec | undefined, errors: FieldError[], place: TemplatePlace = 'template'): void {
  const path = templatePaths[place];
  validateLabels(template?.metadata?.labels, path.child('labels'), errors);
  validateAnnotations(template?.metadata?.annotations, path.child('annotations'), errors);
  const spec = template?.spec;
  if (!spec) {
    errors.push(required(path.child('spec', 'containers')));
    return;
  }
  errors.push(...validatePodSpec(spec, place));
  if ((spec.ephemeralContainers?.length ?? 0) > 0)
    errors.push(forbidden(path.child('spec', 'ephemeralContainers'), 'ephemeral containers not allowed in pod template'));
}
