/** Namespaces under PodSecurity: their labels must be readable, and a stricter level is held against the Pods that are there. */
import type { Namespace, Pod } from '../../../../api/generated/types.ts';
import { invalid } from '../../../../machinery/status-error.ts';
import { fieldErrorText } from '../../../../machinery/field-error.ts';
import type { ApiServer } from '../../server.ts';
import type { AdmissionAttributes } from '../plugin.ts';
import type { PodSecurityConfiguration } from './configuration.ts';
import { reasonText, violationsOf } from './evaluate.ts';
import type { LevelVersion, Policy } from './policy.ts';
import { asksNothing, compareLevels, levelLabel, levelText, modes, readPolicy, sameLevel, samePolicy, versionLabel } from './policy.ts';

/** The most Pods that are looked at for a new level. */
const maxPods = 3000;

/** Throws 422 for labels that cannot be read; warns of Pods that would not be let in any more. */
export function validateNamespace(
  server: ApiServer,
  { object, previous, request }: AdmissionAttributes,
  config: PodSecurityConfiguration,
): void {
  const namespace = object as Namespace;
  const { name } = namespace.metadata;
  const { policy, errors } = readPolicy(namespace.metadata.labels, config.defaults);
  const before = previous && readPolicy(previous.metadata.labels, config.defaults);
  const isKnown = before !== undefined && before.errors.map(fieldErrorText).join() === errors.map(fieldErrorText).join();
  if (errors.length > 0 && !isKnown) throw invalid(request.resource, name, errors);
  const isExempt = config.exemptNamespaces.includes(name);
  const warnExempt = (): void => {
    if (isExempt && !asksNothing(policy) && !samePolicy(policy, config.defaults)) request.warnings.push(exemptText(namespace, policy));
  };
  if (!before) return warnExempt();
  const [now, then] = [policy.enforce, before.policy.enforce];
  if (sameLevel(now, then) || now.level === 'privileged') return;
  if (now.minor === then.minor && compareLevels(now.level, then.level) < 1) return;
  if (isExempt) return warnExempt();
  request.warnings.push(...podWarnings(server, name, now, config));
}

function exemptText({ metadata }: Namespace, policy: Policy): string {
  const isSet = (label: string): boolean => metadata.labels?.[label] !== undefined;
  const set = modes.filter((mode) => policy[mode].level !== 'privileged' && (isSet(levelLabel(mode)) || isSet(versionLabel(mode))));
  const text = set.map((mode) => `${mode}=${levelText(policy[mode])}`).join(', ');
  return `namespace "${metadata.name}" is exempt from Pod Security, and the policy (${text}) will be ignored`;
}

/** Pods by what is wrong with them: the first name, and how many there are. */
function podWarnings(server: ApiServer, namespace: string, level: LevelVersion, config: PodSecurityConfiguration): readonly string[] {
  const all = oneOfEachControllerFirst(
    server
      .store('pods')
      .list(namespace)
      .map(({ value }) => value as Pod)
      .filter(({ spec }) => !config.exemptRuntimeClasses.includes(spec.runtimeClassName ?? '')),
  );
  const checked = all.slice(0, maxPods);
  const byReason = new Map<string, string[]>();
  for (const { metadata, spec } of checked) {
    const reason = reasonText(violationsOf(level, spec, metadata.annotations));
    if (reason !== '') byReason.set(reason, [...(byReason.get(reason) ?? []), metadata.name]);
  }
  const warnings: string[] = [];
  if (checked.length < all.length)
    warnings.push(`new PodSecurity enforce level only checked against the first ${checked.length} of ${all.length} existing pods`);
  if (byReason.size > 0)
    warnings.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${levelText(level)}"`);
  return [...warnings, ...[...byReason].map(([reason, names]) => `${namesText(names.sort())}: ${reason}`).sort()];
}

function namesText(names: readonly string[]): string {
  const others = names.length - 1;
  if (others === 0) return names[0]!;
  return `${names[0]} (and ${others === 1 ? '1 other pod' : `${others} other pods`})`;
}

/** Pods of one controller are alike, so that the first of each says most. */
function oneOfEachControllerFirst(pods: readonly Pod[]): readonly Pod[] {
  const seen = new Set<string>();
  const [first, rest]: [Pod[], Pod[]] = [[], []];
  for (const pod of pods) {
    const uid = pod.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
    if (uid === undefined || !seen.has(uid)) first.push(pod);
    else rest.push(pod);
    if (uid !== undefined) seen.add(uid);
  }
  return [...first, ...rest];
}
