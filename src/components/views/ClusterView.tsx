import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { memo, useMemo, useState } from 'react';
import type { NodeView, PodView } from '../../lab/page/protocol.ts';
import { useSession, useStage } from '../stage/StageContext.tsx';
import styles from './cluster.module.css';

/** More nodes than this are drawn small; more Pods on a node than this become counts. */
const smallFrom = 12;
const countFrom = 40;

/** Nodes as cards, Pods as tiles on them: what the API server says at this moment. */
export default function ClusterView() {
  const { nodes, pods } = useSession()!;
  const [showsSystem, setShowsSystem] = useState(false);
  const shown = useMemo(() => (showsSystem ? pods : pods.filter((pod) => !pod.isSystem)), [pods, showsSystem]);
  const byNode = useMemo(() => Map.groupBy(shown, (pod) => pod.node), [shown]);
  const waiting = byNode.get('') ?? [];
  return (
    <div className={clsx(styles.cluster, nodes.length > smallFrom && styles.small)}>
      <label className={styles.toggle}>
        <input type="checkbox" checked={showsSystem} onChange={(event) => setShowsSystem(event.target.checked)} />
        {translate({ id: 'cluster.system', message: 'Show the cluster’s own Pods' })}
      </label>
      {waiting.length > 0 && (
        <section className={styles.waiting} aria-label={translate({ id: 'cluster.waiting', message: 'Pods without a node' })}>
          <h3>{translate({ id: 'cluster.waiting', message: 'Pods without a node' })}</h3>
          <Pods pods={waiting} />
        </section>
      )}
      <div className={styles.nodes}>
        {nodes.map((node) => (
          <NodeCard key={node.name} node={node} pods={byNode.get(node.name) ?? none} />
        ))}
      </div>
    </div>
  );
}

const none: readonly PodView[] = [];

function NodeCard({ node, pods }: { readonly node: NodeView; readonly pods: readonly PodView[] }) {
  const { select } = useStage();
  return (
    <section className={clsx(styles.node, node.status !== 'Ready' && styles.unwell)} aria-label={`${node.name}, ${node.status}`}>
      <h3>
        <button type="button" onClick={() => select({ resource: 'nodes', name: node.name })}>
          {node.name}
        </button>
        <span className={styles.status}>{node.status}</span>
      </h3>
      <Pods pods={pods} />
    </section>
  );
}

/** Tiles while they can be told apart, counts from then on. */
function Pods({ pods }: { readonly pods: readonly PodView[] }) {
  return pods.length > countFrom ? <Counts pods={pods} /> : <Tiles pods={pods} />;
}

function Counts({ pods }: { readonly pods: readonly PodView[] }) {
  const counts = [...Map.groupBy(pods, (pod) => pod.status)].map(([status, group]) => `${group.length} ${status}`);
  return <p className={styles.counts}>{counts.join(', ')}</p>;
}

function Tiles({ pods }: { readonly pods: readonly PodView[] }) {
  return (
    <ul className={styles.tiles}>
      {pods.map((pod) => (
        <PodTile key={pod.uid} pod={pod} />
      ))}
    </ul>
  );
}

type Look = 'ready' | 'starting' | 'leaving' | 'done' | 'failing';

/** How a tile looks: shape and word differ, not only the colour. */
function lookOf({ status, ready }: PodView): Look {
  if (status === 'Terminating') return 'leaving';
  if (status === 'Completed' || status === 'Succeeded') return 'done';
  if (ready) return 'ready';
  return /Pending|ContainerCreating|PodInitializing|^Init:|Running/.test(status) ? 'starting' : 'failing';
}

const marks: Readonly<Record<Look, string>> = { ready: '●', starting: '◌', leaving: '◍', done: '✓', failing: '▲' };

const PodTile = memo(function PodTile({ pod }: { readonly pod: PodView }) {
  const { select, selected } = useStage();
  const look = lookOf(pod);
  const restarts = pod.containers.reduce((sum, container) => sum + container.restarts, 0);
  const isSelected = selected?.resource === 'pods' && selected.name === pod.name && selected.namespace === pod.namespace;
  return (
    <li>
      <button
        type="button"
        className={clsx(styles.pod, styles[look])}
        aria-pressed={isSelected}
        onClick={() => select({ resource: 'pods', namespace: pod.namespace, name: pod.name })}
      >
        <span className={styles.name}>{pod.name}</span>
        <span className={styles.line}>
          <span aria-hidden="true">{marks[look]} </span>
          {pod.status}
          {restarts > 0 && ` · ↻ ${restarts}`}
        </span>
        <span className={styles.segments} aria-hidden="true">
          {pod.containers.map((container) => (
            <span key={container.name} data-state={container.ready ? 'ready' : container.state} />
          ))}
        </span>
      </button>
    </li>
  );
});
