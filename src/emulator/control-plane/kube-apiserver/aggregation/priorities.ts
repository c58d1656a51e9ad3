/** Which group and which version stands before another in discovery (pkg/controlplane/apiserver/aggregator.go, apiVersionPriorities). */

export interface Priority {
  readonly group: number;
  readonly version: number;
}

const groups: Readonly<Record<string, number>> = {
  '': 18_000,
  apps: 17_800,
  'events.k8s.io': 17_750,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
  'flowcontrol.apiserver.k8s.io': 16_100,
  'resource.k8s.io': 16_200,
};

/** What the group of the aggregator itself has: it is always first, and has no APIService. */
export const ownGroup = 'apiregistration.k8s.io';

/** What versions of a CustomResourceDefinition get (controller/crdregistration). */
export const customPriority: Priority = { group: 1000, version: 100 };

/** The priority of a built-in version; undefined for one that is none. */
export function builtInPriority(group: string, version: string): Priority | undefined {
  const own = groups[group];
  if (own === undefined) return undefined;
  if (group === '') return { group: own, version: 1 };
  if (group === 'autoscaling') return { group: own, version: version === 'v2' ? 30 : 15 };
  if (group === 'flowcontrol.apiserver.k8s.io' || group === 'resource.k8s.io') return { group: own, version: version === 'v1' ? 21 : 18 };
  return { group: own, version: version === 'v1' ? 15 : 9 };
}

/** Orders versions as Kubernetes does: stable ones first, then beta, then alpha, higher numbers first (apimachinery/pkg/version). */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parse(a), parse(b)];
  if (!x || !y) return x ? -1 : y ? 1 : a < b ? -1 : a > b ? 1 : 0;
  return y.stage - x.stage || y.major - x.major || y.minor - x.minor;
}

function parse(version: string): { readonly major: number; readonly stage: number; readonly minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (!match) return undefined;
  return { major: Number(match[1]), stage: match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, minor: Number(match[3] ?? 0) };
}
