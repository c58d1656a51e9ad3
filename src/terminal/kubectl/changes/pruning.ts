/** Which applied objects are no longer in the manifests: for `apply --prune` and `diff --prune`. Upstream: kubectl/pkg/util/prune, pkg/cmd/apply/prune.go. */
import type { Call } from '../../../emulator/kernel/index.ts';
import { CommandError } from '../errors.ts';
import type { Flag } from '../flag-set.ts';
import { flag } from '../flag-set.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { lastAppliedAnnotation } from '../last-applied.ts';
import type { Target } from '../resources/target.ts';
import type { ApiResource } from '../rest/discovery.ts';
import { klogHeader } from '../rest/klog.ts';
import { resourcePath } from '../rest/mapper.ts';

export const pruneFlags: readonly Flag[] = [
  flag('prune', 'bool', false, 'Delete what was applied and is no longer in the manifests.'),
  flag('prune-allowlist', 'array', [], 'Kinds to prune, GROUP/VERSION/KIND; may be repeated.'),
];

interface PrunedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const defaults: readonly (readonly [group: string, kinds: readonly string[]])[] = [
  ['', ['ConfigMap', 'Endpoints', 'PersistentVolumeClaim', 'Pod', 'ReplicationController', 'Secret', 'Service']],
  ['batch', ['Job', 'CronJob']],
  ['networking.k8s.io', ['Ingress']],
  ['apps', ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet']],
  ['', ['Namespace', 'PersistentVolume']],
];

/** --prune-allowlist, checked; empty means the usual kinds. */
export function* prunedKinds(invocation: Invocation): Call<readonly PrunedKind[]> {
  const kinds: PrunedKind[] = [];
  for (const text of invocation.flags.list('prune-allowlist')) {
    const [group, version, kind, ...more] = text.split('/') as [string, string | undefined, string | undefined, ...string[]];
    if (version === undefined || kind === undefined || more.length > 0)
      throw new CommandError(`invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`);
    const wanted = { group: group === 'core' ? '' : group, version, kind };
    yield* resourceOf(invocation, wanted);
    kinds.push(wanted);
  }
  return kinds;
}

/** The objects that were applied before and are not among `targets`. */
export function* prunable(invocation: Invocation, kinds: readonly PrunedKind[], targets: readonly Json[]): Call<readonly Target[]> {
  const { client, flags } = invocation;
  const kept = new Set(targets.map((object) => object.metadata?.uid));
  const namespaces = [...new Set(targets.map((object) => object.metadata?.namespace as string | undefined))].filter((name) => name);
  const resources: ApiResource[] = [];
  if (kinds.length === 0) {
    const text =
      'Deprecated: kubectl apply will no longer prune non-namespaced resources by default when used with the --namespace flag in a future release. To preserve the current behaviour, list the resources you want to target explicitly in the --prune-allowlist flag.';
    yield* invocation.err(`${klogHeader(invocation.sys, 'W', 'prune.go:71]')} ${text}\n`);
  }
  const all = kinds.length > 0 ? kinds : defaults.flatMap(([group, names]) => names.map((kind) => ({ group, version: 'v1', kind })));
  for (const kind of all) {
    try {
      resources.push(yield* resourceOf(invocation, kind));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      const isNamespaced = kind.kind !== 'Namespace' && kind.kind !== 'PersistentVolume';
      const text = `${kind.group}/${kind.version}, Kind=${kind.kind}, Namespaced=${isNamespaced}`;
      throw new CommandError(`error retrieving RESTMappings to prune: invalid resource ${text}: ${error.message}`);
    }
  }
  const found: Target[] = [];
  for (const isNamespaced of [true, false]) {
    for (const namespace of isNamespaced ? namespaces : ['']) {
      for (const resource of resources.filter((one) => one.isNamespaced === isNamespaced)) {
        const path = resourcePath(resource, { namespace });
        const list: Json = yield* client.request({ method: 'GET', path, query: { labelSelector: flags.string('selector') || undefined } });
        const gv = { apiVersion: list.apiVersion, kind: resource.kind };
        for (const item of list.items) {
          if (item.metadata.annotations?.[lastAppliedAnnotation] === undefined || kept.has(item.metadata.uid)) continue;
          found.push({ resource, namespace: namespace ?? '', name: item.metadata.name, source: '', object: { ...gv, ...item } });
        }
      }
    }
  }
  return found;
}

function* resourceOf(invocation: Invocation, { group, version, kind }: PrunedKind): Call<ApiResource> {
  const mapper = yield* invocation.mapper();
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const resource = yield* mapper.kind(apiVersion, kind);
  if (!resource) throw new CommandError(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
  return resource;
}
