/** Which nodes run a Pod of a DaemonSet, and how such a Pod looks (pkg/controller/daemon/util). */
import { matchesNode } from '../../../api/core/node-selector.ts';
import { tolerates } from '../../../api/core/toleration.ts';
import type { DaemonSet, Node, NodeSelectorTerm, Pod, PodSpec, PodTemplateSpec, Toleration } from '../../../api/generated/types.ts';

const exists = (key: string, effect: string): Toleration => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect });
const everyPod: readonly Toleration[] = [
  exists('not-ready', 'NoExecute'),
  exists('unreachable', 'NoExecute'),
  exists('disk-pressure', 'NoSchedule'),
  exists('memory-pressure', 'NoSchedule'),
  exists('pid-pressure', 'NoSchedule'),
  exists('unschedulable', 'NoSchedule'),
];
const onHostNetwork = exists('network-unavailable', 'NoSchedule');

const specs = new WeakMap<PodSpec, PodSpec>();

/** The template's spec with the tolerations that every daemon has; one object a template. */
export function daemonSpec(spec: PodSpec): PodSpec {
  let made = specs.get(spec);
  if (!made) {
    const wanted = spec.hostNetwork ? [...everyPod, onHostNetwork] : everyPod;
    const own = spec.tolerations ?? [];
    const missing = wanted.filter(
      ({ key, effect }) =>
        !own.some((toleration) => toleration.key === key && toleration.effect === effect && toleration.operator === 'Exists'),
    );
    specs.set(spec, (made = { ...spec, tolerations: [...own, ...missing] }));
  }
  return made;
}

/** The template for the Pod of one node, which the scheduler will find by its name. */
export function templateFor(ds: DaemonSet, node: string, labels: Readonly<Record<string, string>>): PodTemplateSpec {
  const spec = daemonSpec(ds.spec.template.spec);
  const { affinity } = spec;
  const field = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms: readonly NodeSelectorTerm[] =
    required && required.nodeSelectorTerms.length > 0 ? required.nodeSelectorTerms.map((term) => ({ ...term, ...field })) : [field];
  return {
    metadata: { ...ds.spec.template.metadata, labels: { ...ds.spec.template.metadata?.labels, ...labels } },
    spec: {
      ...spec,
      affinity: {
        ...affinity,
        nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
      },
    },
  };
}

/** The node that a daemon Pod is for: where it runs, or the one that its affinity names. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  for (const { matchFields } of spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) {
    const named = matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
    if (named) return named.values?.[0];
  }
  return undefined;
}

/** Whether a node should get a Pod, and whether one that is there may stay. */
export function suits(ds: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const spec = daemonSpec(ds.spec.template.spec);
  const mayRunThere = (!spec.nodeName || spec.nodeName === node.metadata.name) && matchesNode({ spec } as Pod, node);
  if (!mayRunThere) return { run: false, stay: false };
  const untolerated = (node.spec?.taints ?? []).filter((taint) => !tolerates(spec.tolerations, taint));
  return {
    run: untolerated.every(({ effect }) => effect === 'PreferNoSchedule'),
    stay: untolerated.every(({ effect }) => effect !== 'NoExecute'),
  };
}
