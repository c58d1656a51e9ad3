import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { useMemo, useState } from 'react';
import { clockText } from '../stage/ClockBar.tsx';
import { useSession, useStage } from '../stage/StageContext.tsx';
import { diagramOf, mermaidOf, wordsOf } from './requests-diagram.ts';
import type { Arrow } from './requests-diagram.ts';
import styles from './requests.module.css';

const limit = 200;
const laneWidth = 116;
const rowHeight = 32;
const headHeight = 32;
const timeWidth = 56;

/** The sequence diagram that books print, drawn from what really happened. */
export default function RequestsView() {
  const { requests } = useSession()!;
  const { selected } = useStage();
  const [showsHeartbeats, setShowsHeartbeats] = useState(false);
  const [follows, setFollows] = useState(false);
  const object = selected ? [selected.namespace, selected.name].filter(Boolean).join('/') : '';
  const diagram = useMemo(
    () => diagramOf(requests, { showsHeartbeats, follow: follows ? object : '', limit }),
    [requests, showsHeartbeats, follows, object],
  );
  return (
    <div className={styles.requests}>
      <div className={styles.tools}>
        <label>
          <input type="checkbox" checked={showsHeartbeats} onChange={(event) => setShowsHeartbeats(event.target.checked)} />
          {translate({ id: 'requests.heartbeats', message: 'Heartbeats' })}
        </label>
        <label>
          <input type="checkbox" checked={follows} disabled={object === ''} onChange={(event) => setFollows(event.target.checked)} />
          {object === ''
            ? translate({ id: 'requests.followNone', message: 'Follow one object (select it in Cluster)' })
            : translate({ id: 'requests.follow', message: 'Follow {object}' }, { object })}
        </label>
        <button type="button" onClick={() => void navigator.clipboard?.writeText(mermaidOf(diagram))}>
          {translate({ id: 'requests.copy', message: 'Copy as Mermaid' })}
        </button>
      </div>
      {diagram.arrows.length === 0 ? (
        <p className={styles.empty}>{translate({ id: 'requests.empty', message: 'Nothing has been asked yet. Type a command.' })}</p>
      ) : (
        <Drawing lanes={diagram.lanes} arrows={diagram.arrows} />
      )}
    </div>
  );
}

function Drawing({ lanes, arrows }: { readonly lanes: readonly string[]; readonly arrows: readonly Arrow[] }) {
  const x = (lane: string): number => timeWidth + laneWidth * (lanes.indexOf(lane) + 0.5);
  const width = timeWidth + laneWidth * lanes.length;
  const height = headHeight + rowHeight * (arrows.length + 0.5);
  return (
    <svg
      className={styles.drawing}
      width={width}
      height={height}
      role="img"
      aria-label={translate({ id: 'requests.label', message: 'Sequence diagram of the latest requests' })}
    >
      <defs>
        <marker id="arrow-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
          <path d="M0 0L8 4L0 8z" fill="context-stroke" />
        </marker>
      </defs>
      {lanes.map((lane) => (
        <g key={lane} className={styles.lane}>
          <text x={x(lane)} y={20} textAnchor="middle">
            {lane}
          </text>
          <line x1={x(lane)} x2={x(lane)} y1={headHeight} y2={height} />
        </g>
      ))}
      {/* The latest is on top: it is what the reader has just done. */}
      {arrows.toReversed().map((arrow, row) => (
        <ArrowLine key={arrow.id} arrow={arrow} y={headHeight + rowHeight * (row + 0.75)} from={x(arrow.fromLane)} to={x(arrow.toLane)} />
      ))}
    </svg>
  );
}

function ArrowLine({ arrow, y, from, to }: { readonly arrow: Arrow; readonly y: number; readonly from: number; readonly to: number }) {
  const isSelf = from === to;
  const end = isSelf ? to + 24 : to;
  const words = wordsOf(arrow);
  return (
    <g className={clsx(styles.arrow, (arrow.code ?? 0) >= 400 && styles.refused)}>
      <text className={styles.time} x={4} y={y + 4}>
        {clockText(arrow.atMs)}
      </text>
      <line x1={from} x2={end} y1={y} y2={y} markerEnd="url(#arrow-head)" />
      <text x={Math.min(from, end) + 6} y={y - 5}>
        {words}
      </text>
      <title>{`${words} (${arrow.atMs} ms)`}</title>
    </g>
  );
}
