/** What the page's views show, made from the session's objects and trace. Only what changed is sent. */
import { kinds } from '../../emulator/api/kinds.ts';
import { onlookerAgent } from '../../emulator/cluster/index.ts';
import type { TraceRecord } from '../../emulator/kernel/index.ts';
import type { ApiObject } from '../../emulator/machinery/objects.ts';
import type { Node, Pod } from '../../emulator/api/generated/types.ts';
import { authorOf } from '../history.ts';
import type { LabCluster } from '../cluster.ts';
import type { ContainerView, NodeView, PodView, RequestView } from './protocol.ts';

/** A cell of kubectl's own table, so that the picture and the terminal use the same word. */
function statusCell(resource: 'pods' | 'nodes', object: ApiObject): string {
  const column = kinds.find((kind) => kind.group === '' && kind.resource === resource)!.columns.find(({ name }) => name === 'Status')!;
  return String(column.cell(object, 0));
}

/** Where the cluster's own Pods run: its parts, and the provisioner of its default StorageClass. */
const ownNamespaces: ReadonlySet<string> = new Set(['kube-system', 'nfs-provisioner']);

const podViews = new WeakMap<Pod, PodView>();

/** Objects never change, so a view is made once a version. */
export function podView(pod: Pod): PodView {
  let view = podViews.get(pod);
  if (!view) podViews.set(pod, (view = makePodView(pod)));
  return view;
}

function makePodView(pod: Pod): PodView {
  const containers = (pod.status?.containerStatuses ?? []).map(
    ({ name, ready, state, restartCount }): ContainerView => ({
      name,
      ready,
      state: state?.running ? 'running' : state?.terminated ? 'terminated' : 'waiting',
      restarts: restartCount,
    }),
  );
  return {
    uid: pod.metadata.uid,
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    node: pod.spec?.nodeName ?? '',
    status: statusCell('pods', pod as ApiObject),
    ready: containers.length > 0 && containers.every((container) => container.ready),
    isSystem: ownNamespaces.has(pod.metadata.namespace ?? ''),
    containers:
      containers.length > 0
        ? containers
        : (pod.spec?.containers ?? []).map(({ name }) => ({ name, ready: false, state: 'waiting', restarts: 0 })),
  };
}

export function nodeView(node: Node): NodeView {
  return {
    name: node.metadata.name,
    isControlPlane: node.metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
    status: statusCell('nodes', node as ApiObject),
  };
}

export function clusterView(cluster: LabCluster): { readonly nodes: readonly NodeView[]; readonly pods: readonly PodView[] } {
  return { nodes: cluster.list('nodes').map(nodeView), pods: cluster.list('pods').map(podView) };
}

/** Gathers records and makes arrows of them. What a heartbeat causes is a heartbeat too, and so is the write that it made. */
export class RequestViews {
  readonly #startMs: number;
  #records: TraceRecord[] = [];

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  add(record: TraceRecord): void {
    this.#records.push(record);
  }

  /** The latest arrows since the last call. */
  take(limit: number): readonly RequestView[] {
    const records = this.#records;
    this.#records = [];
    const beats = new Set<number>();
    const writes = new Set(records.filter(({ type }) => type === 'storage').map(({ id }) => id));
    for (const record of records) {
      if (!isBeat(record)) continue;
      beats.add(record.id);
      // The answer is recorded after the write that it was about.
      if (writes.has(record.cause)) beats.add(record.cause);
    }
    for (const { id, cause } of records) if (beats.has(cause)) beats.add(id);
    const arrows = records.map((record) => arrowOf(record, this.#startMs, beats.has(record.id)));
    return arrows.filter((arrow) => arrow !== undefined).slice(-limit);
  }
}

/** Renewed leases, and kubelets that say again how their node is: they come all the time and tell nothing new. */
function isBeat(record: TraceRecord): boolean {
  const resource = record.object?.resource;
  return resource === 'leases' || (resource === 'nodes' && record.type === 'request' && record.user.startsWith('system:node:'));
}

function arrowOf(record: TraceRecord, startMs: number, isHeartbeat: boolean): RequestView | undefined {
  const { id, cause, object, component } = record;
  const shown = object ? (object.namespace ? `${object.namespace}/${object.name}` : object.name) : '';
  const what = object?.resource ?? '';
  const base = { id, atMs: record.atMs - startMs, cause, object: shown, isHeartbeat };
  switch (record.type) {
    case 'request': {
      if (record.agent.startsWith(onlookerAgent)) return undefined;
      const from = authorOf(record.user);
      const resource = record.subresource ? `${what}/${record.subresource}` : what;
      return {
        ...base,
        from: from === 'learner' ? 'kubectl' : from,
        to: 'kube-apiserver',
        text: `${record.verb} ${resource}`,
        code: record.code,
      };
    }
    case 'storage':
      return { ...base, from: 'kube-apiserver', to: 'etcd', text: `${record.change} ${what} @${record.revision}` };
    case 'watch':
      return record.to.startsWith(onlookerAgent)
        ? undefined
        : { ...base, from: 'kube-apiserver', to: record.to, text: `${record.event} ${what}` };
    case 'container':
      return { ...base, from: component, to: 'container runtime', text: `${record.what} ${record.container}` };
    default:
      return undefined;
  }
}
