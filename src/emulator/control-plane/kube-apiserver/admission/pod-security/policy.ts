/** What a namespace asks of its Pods, by its labels: pod-security-admission/api/{helpers,constants}.go. */
import { fieldPath, invalid } from '../../../../machinery/field-error.ts';
import type { FieldError } from '../../../../machinery/field-error.ts';
import type { Labels } from '../../../../machinery/objects.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

/** How much is asked, in the order of strictness. */
const levels: readonly Level[] = ['privileged', 'baseline', 'restricted'];

/** A level as it was at one version; `minor` is that of v1.N, infinite for `latest`. */
export interface LevelVersion {
  readonly level: Level;
  readonly minor: number;
}

export interface Policy {
  readonly enforce: LevelVersion;
  readonly audit: LevelVersion;
  readonly warn: LevelVersion;
}

export type Mode = keyof Policy;

/** A policy with what is wrong with the labels that it was read from. */
export interface ReadPolicy {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
}

/** `restricted:latest`, `baseline:v1.30`. */
export const levelText = ({ level, minor }: LevelVersion): string =>
  `${level}:${minor === Number.POSITIVE_INFINITY ? 'latest' : `v1.${minor}`}`;

/** Above 0 when the first is the stricter one. */
export const compareLevels = (a: Level, b: Level): number => levels.indexOf(a) - levels.indexOf(b);

export const sameLevel = (a: LevelVersion, b: LevelVersion): boolean => a.level === b.level && a.minor === b.minor;

const isPrivileged = ({ level }: LevelVersion): boolean => level === 'privileged';

/** Whether nothing is asked of anybody. */
export const asksNothing = ({ enforce, audit, warn }: Policy): boolean =>
  isPrivileged(enforce) && isPrivileged(audit) && isPrivileged(warn);

/** Whether two policies ask the same. */
export const samePolicy = (a: Policy, b: Policy): boolean =>
  modes.every((mode) => (isPrivileged(a[mode]) && isPrivileged(b[mode])) || sameLevel(a[mode], b[mode]));

/** The modes in the order of upstream's messages. */
export const modes: readonly Mode[] = ['enforce', 'audit', 'warn'];

export const levelLabel = (mode: Mode): string => `pod-security.kubernetes.io/${mode}`;
export const versionLabel = (mode: Mode): string => `pod-security.kubernetes.io/${mode}-version`;

const latest = Number.POSITIVE_INFINITY;

/** Undefined when the text is no level. */
export const parseLevel = (text: string): Level | undefined => levels.find((level) => level === text);

/** The minor version, undefined when the text is none. */
export function parseVersion(text: string): number | undefined {
  if (text === 'latest') return latest;
  const match = /^v1\.(0|[1-9]\d*)$/.exec(text);
  return match ? Number(match[1]) : undefined;
}

/** Everything is allowed where nobody says otherwise. */
export const allowAll: Policy = {
  enforce: { level: 'privileged', minor: latest },
  audit: { level: 'privileged', minor: latest },
  warn: { level: 'privileged', minor: latest },
};

const labelsPath = fieldPath('metadata', 'labels');

/**
 * The policy of labels over the cluster's defaults. What cannot be read is enforced as `restricted` and neither audited
 * nor warned of. An enforced level is warned of too, unless the labels say what to warn of.
 */
export function readPolicy(labels: Labels | undefined, defaults: Policy): ReadPolicy {
  if (!labels) return { policy: defaults, errors: [] };
  const errors: FieldError[] = [];
  const wrong = (label: string, detail: string): void => void errors.push(invalid(labelsPath.key(label), labels[label], detail));
  const read = (mode: Mode): LevelVersion => {
    let { level, minor } = defaults[mode];
    const [levelOf, versionOf] = [labels[levelLabel(mode)], labels[versionLabel(mode)]];
    if (levelOf !== undefined) {
      const parsed = parseLevel(levelOf);
      if (!parsed) wrong(levelLabel(mode), `must be one of ${levels.join(', ')}`);
      level = parsed ?? (mode === 'enforce' ? 'restricted' : 'privileged');
    }
    if (versionOf !== undefined) {
      const parsed = parseVersion(versionOf);
      if (parsed === undefined) wrong(versionLabel(mode), 'must be "latest" or "v1.x"');
      minor = parsed ?? latest;
    }
    return { level, minor };
  };
  const [enforce, audit] = [read('enforce'), read('audit')];
  let warn = read('warn');
  const isEnforced = parseLevel(labels[levelLabel('enforce')] ?? '') !== undefined;
  if (isEnforced && labels[levelLabel('warn')] === undefined && compareLevels(enforce.level, warn.level) > 0)
    warn = { level: enforce.level, minor: labels[versionLabel('warn')] === undefined ? enforce.minor : warn.minor };
  return { policy: { enforce, audit, warn }, errors };
}
