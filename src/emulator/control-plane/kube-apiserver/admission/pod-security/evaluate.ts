/** Runs the controls of a level as they were at a version: pod-security-admission/policy/registry.go. */
import type { PodSpec } from '../../../../api/generated/types.ts';
import type { Labels } from '../../../../machinery/objects.ts';
import { baselineChecks } from './baseline.ts';
import type { Check, CheckPod, Violation } from './check.ts';
import { subjectOf } from './check.ts';
import type { LevelVersion } from './policy.ts';
import { levelText } from './policy.ts';
import { restrictedChecks } from './restricted.ts';

const versionOf = ({ versions }: Check, minor: number): CheckPod | undefined => versions.findLast(({ from }) => from <= minor)?.check;

function checksOf({ level, minor }: LevelVersion): readonly CheckPod[] {
  if (level === 'privileged') return [];
  const restricted = level === 'restricted' ? restrictedChecks.filter((check) => versionOf(check, minor)) : [];
  const overridden = restricted.map(({ overrides }) => overrides);
  const all = [...baselineChecks.filter(({ id }) => !overridden.includes(id)), ...restricted];
  return all.flatMap((check) => versionOf(check, minor) ?? []);
}

/** By level and version, which a namespace's labels may say at will. */
const known = new Map<string, readonly CheckPod[]>();
const maxKnown = 256;

/** The violations of a Pod's spec, in upstream's order. */
export function violationsOf(level: LevelVersion, spec: PodSpec, annotations: Labels | undefined): readonly Violation[] {
  const key = levelText(level);
  let checks = known.get(key);
  if (!checks) {
    if (known.size >= maxKnown) known.clear();
    known.set(key, (checks = checksOf(level)));
  }
  if (checks.length === 0) return [];
  const subject = subjectOf(spec, annotations);
  return checks.flatMap((check) => check(subject) ?? []);
}

/** `privileged (container "a" must not …), host namespaces (hostPID=true)`. */
export const detailText = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');

/** `privileged, host namespaces`. */
export const reasonText = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ');
