/** The cluster's defaults and exemptions: pod-security-admission/admission/api/v1, and its validation. */
import { configurationOf } from '../configuration-file.ts';
import type { LevelVersion, Mode, Policy } from './policy.ts';
import { allowAll, parseLevel, parseVersion } from './policy.ts';

export interface PodSecurityConfiguration {
  readonly defaults: Policy;
  readonly exemptNamespaces: readonly string[];
  readonly exemptUsernames: readonly string[];
  readonly exemptRuntimeClasses: readonly string[];
}

export const defaultConfiguration: PodSecurityConfiguration = {
  defaults: allowAll,
  exemptNamespaces: [],
  exemptUsernames: [],
  exemptRuntimeClasses: [],
};

interface Raw {
  readonly defaults?: Readonly<Record<string, string>>;
  readonly exemptions?: {
    readonly usernames?: readonly string[];
    readonly namespaces?: readonly string[];
    readonly runtimeClasses?: readonly string[];
  };
}

/** The configuration as a file writes it. Throws an Error with upstream's words for a level or version that does not exist. */
function readConfiguration(raw: Raw): PodSecurityConfiguration {
  const of = (mode: Mode): LevelVersion => {
    const [levelText, versionText] = [raw.defaults?.[mode] ?? 'privileged', raw.defaults?.[`${mode}-version`] ?? 'latest'];
    const [level, minor] = [parseLevel(levelText), parseVersion(versionText)];
    if (!level) throw new Error(`defaults.${mode}: Invalid value: "${levelText}": must be one of privileged, baseline, restricted`);
    if (minor === undefined) throw new Error(`defaults.${mode}-version: Invalid value: "${versionText}": must be "latest" or "v1.x"`);
    return { level, minor };
  };
  return {
    defaults: { enforce: of('enforce'), audit: of('audit'), warn: of('warn') },
    exemptNamespaces: raw.exemptions?.namespaces ?? [],
    exemptUsernames: raw.exemptions?.usernames ?? [],
    exemptRuntimeClasses: raw.exemptions?.runtimeClasses ?? [],
  };
}

/** The part of an --admission-control-config-file that is about PodSecurity; undefined if it says nothing of it. `read` reads another file that it names. */
export function readAdmissionConfiguration(text: string, read: (path: string) => string): PodSecurityConfiguration | undefined {
  const own = configurationOf('PodSecurity', text, read);
  return own === undefined ? undefined : readConfiguration(own as Raw);
}
