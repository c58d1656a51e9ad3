import { isExtendedResource } from '../../../api/core/pod-spec/resource-validation.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { duplicate, fieldPath, invalid, required } from '../../../machinery/field-error.ts';
import { formatDuration } from '../../../machinery/duration.ts';
import { qualifiedName } from '../../../machinery/names.ts';
import { marshalCompact } from '../../../machinery/json.ts';
import type { ConfigurationFile } from './load.ts';
import { argumentValidation } from './plugin-args.ts';
import type { LeaderElectionConfiguration, ProfileConfiguration, SchedulerConfiguration } from './types.ts';
import { extensionPoints } from './types.ts';

const apiVersion = 'kubescheduler.config.k8s.io/v1';
/** Plugins that v1.34 no longer has. */
const removed = new Set(['AzureDiskLimits', 'CinderLimits', 'EBSLimits', 'GCEPDLimits']);
const removedDetail = `was invalid in version "v1" (KubeSchedulerConfiguration is version "${apiVersion}")`;

/** ValidateKubeSchedulerConfiguration: what is wrong with a configuration after its defaults. */
export function validateConfiguration(configuration: SchedulerConfiguration, file: ConfigurationFile): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { profiles, percentageOfNodesToScore, podInitialBackoffMs, podMaxBackoffMs } = configuration;
  const burst = Number(file.clientConnection?.burst ?? 0);
  if (burst < 0) errors.push(invalid(fieldPath('clientConnection', 'burst'), burst, 'must be non-negative'));
  validateElection(configuration.leaderElection, errors);
  const { parallelism } = file;
  if (parallelism !== undefined && parallelism <= 0)
    errors.push(invalid(fieldPath('parallelism'), parallelism, 'should be an integer value greater than zero'));
  const seen = new Map<string, number>();
  profiles.forEach((profile, i) => {
    const path = fieldPath('profiles').index(i);
    validateProfile(profile, file.profiles?.[i]?.pluginConfig ?? [], path, errors);
    const other = seen.get(profile.schedulerName);
    // Upstream gives the path of the other profile as the bad value: an object without public fields.
    if (other !== undefined) errors.push(duplicate(path.child('schedulerName'), {}));
    seen.set(profile.schedulerName, i);
  });
  validateQueueSort(profiles, errors);
  validatePercentage(percentageOfNodesToScore, fieldPath('percentageOfNodesToScore'), errors);
  if (podInitialBackoffMs <= 0)
    errors.push(invalid(fieldPath('podInitialBackoffSeconds'), podInitialBackoffMs / 1000, 'must be greater than 0'));
  if (podMaxBackoffMs < podInitialBackoffMs)
    errors.push(
      invalid(fieldPath('podMaxBackoffSeconds'), podMaxBackoffMs / 1000, 'must be greater than or equal to PodInitialBackoffSeconds'),
    );
  validateExtenders(file.extenders ?? [], errors);
  return errors;
}

/** ValidateLeaderElectionConfiguration of component-base. */
function validateElection(election: LeaderElectionConfiguration, errors: FieldError[]): void {
  const { leaderElect, leaseDurationMs, renewDeadlineMs, retryPeriodMs, resourceLock } = election;
  if (!leaderElect) return;
  const path = fieldPath('leaderElection');
  const times = { leaseDuration: leaseDurationMs, renewDeadline: renewDeadlineMs, retryPeriod: retryPeriodMs };
  for (const [field, ms] of Object.entries(times))
    if (ms <= 0) errors.push(invalid(path.child(field), formatDuration(ms), 'must be greater than zero'));
  if (leaseDurationMs <= renewDeadlineMs)
    errors.push(invalid(path.child('leaseDuration'), formatDuration(renewDeadlineMs), 'LeaseDuration must be greater than RenewDeadline'));
  if (resourceLock !== 'leases') errors.push(invalid(path.child('resourceLock'), resourceLock, 'resourceLock value must be "leases"'));
}

function validatePercentage(percentage: number | undefined, path: FieldPath, errors: FieldError[]): void {
  if (percentage !== undefined && (percentage < 0 || percentage > 100))
    errors.push(invalid(path, percentage, 'not in valid range [0-100]'));
}

function validateProfile(
  profile: ProfileConfiguration,
  listed: readonly { readonly name?: string }[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (profile.schedulerName === '') errors.push(required(path.child('schedulerName'), ''));
  validatePercentage(profile.percentageOfNodesToScore, path.child('percentageOfNodesToScore'), errors);
  for (const point of extensionPoints) {
    (profile.plugins[point]?.enabled ?? []).forEach(({ name }, i) => {
      if (removed.has(name)) errors.push(invalid(path.child('plugins', point, 'enabled').index(i), name, removedDetail));
    });
  }
  const seen = new Set<string>();
  listed.forEach(({ name = '' }, i) => {
    const at = path.child('pluginConfig').index(i);
    const isKnown = seen.has(name);
    if (isKnown) errors.push(duplicate(at, name));
    seen.add(name);
    if (removed.has(name)) errors.push(invalid(at, name, removedDetail));
    else if (!isKnown) argumentValidation[name]?.(profile.pluginConfig.get(name) as never, at.child('args'), errors);
  });
}

/** All profiles share one queue, and so one order. */
function validateQueueSort(profiles: readonly ProfileConfiguration[], errors: FieldError[]): void {
  const path = fieldPath('profiles');
  const canon = profiles[0]!.plugins.queueSort;
  const length = canon?.enabled?.length ?? 0;
  if (length > 1)
    errors.push(invalid(path.index(0).child('plugins', 'queueSort', 'Enabled'), length, 'only one queue sort plugin can be enabled'));
  const same = (a: unknown, b: unknown): boolean => marshalCompact(a ?? {}) === marshalCompact(b ?? {});
  profiles.slice(1).forEach(({ plugins: { queueSort } }, i) => {
    if (same(canon, queueSort)) return;
    const { enabled = null, disabled = null } = queueSort ?? {};
    const shown = { Enabled: enabled, Disabled: disabled };
    errors.push(invalid(path.index(i + 1).child('plugins', 'queueSort'), shown, 'must be the same for all profiles'));
  });
}

function validateExtenders(extenders: NonNullable<ConfigurationFile['extenders']>, errors: FieldError[]): void {
  const path = fieldPath('extenders');
  const seen = new Set<string>();
  extenders.forEach(({ prioritizeVerb, weight = 0, managedResources = [] }, i) => {
    if (prioritizeVerb && weight <= 0)
      errors.push(invalid(path.index(i).child('weight'), weight, 'must have a positive weight applied to it'));
    managedResources.forEach(({ name = '' }, j) => {
      const at = path.index(i).child('managedResources').index(j).child('name');
      const complaints = qualifiedName(name);
      for (const complaint of complaints) errors.push(invalid(at, name, complaint));
      if (complaints.length === 0 && !isExtendedResource(name)) errors.push(invalid(at, name, 'is an invalid extended resource name'));
      if (seen.has(name)) errors.push(invalid(at, name, 'duplicate extender managed resource name'));
      seen.add(name);
    });
  });
  const binders = extenders.filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1) errors.push(invalid(path, `found ${binders} extenders implementing bind`, 'only one extender can implement bind'));
}
