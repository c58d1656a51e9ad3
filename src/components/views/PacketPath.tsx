import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import type { PacketView } from '../../lab/page/protocol.ts';
import styles from './network.module.css';
import { drawPath } from './packet-drawing.ts';
import type { Station } from './packet-drawing.ts';

const width = 340;
const trackX = 24;

/** One packet's way, drawn and listed; where it died is where both stop. */
export default function PacketPath({ packet }: { readonly packet: PacketView }) {
  const { from, to, about, hops, outcome, why, attempts } = packet;
  const title = `${from} → ${to}${about ? ` (${about})` : ''}`;
  return (
    <section className={styles.path} aria-label={translate({ id: 'network.path', message: 'Path of the chosen packet' })}>
      <h4>{title}</h4>
      <p className={clsx(styles.why, outcome !== 'delivered' && styles.bad)}>
        <strong>{outcome}</strong> {why}
        {attempts > 1 && ` ${translate({ id: 'network.attempts', message: 'It was sent {count} times.' }, { count: attempts })}`}
      </p>
      <div className={styles.pathParts}>
        <Drawing packet={packet} title={title} />
        <ol>
          {hops.map((hop, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a path never changes.
            <li key={i} className={clsx((hop.kind === 'loss' || hop.kind === 'refusal') && styles.bad)}>
              <strong>{hop.node}</strong> <span className={styles.kind}>{hop.kind}</span> {hop.text}
              <span className={styles.addresses}>{`${hop.source || '?'} → ${hop.destination}`}</span>
              {hop.policies && (
                <ul>
                  {hop.policies.map(({ name, allows }) => (
                    <li key={name}>
                      {allows
                        ? translate({ id: 'network.allows', message: '✓ {name} allows it' }, { name })
                        : translate({ id: 'network.deniesIt', message: '✗ {name} does not allow it' }, { name })}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}

function Drawing({ packet, title }: { readonly packet: PacketView; readonly title: string }) {
  const { stations, frames, height } = drawPath(packet);
  const last = stations.at(-1);
  return (
    <svg className={styles.drawing} viewBox={`0 0 ${width} ${height}`} width={width} role="img" aria-label={title}>
      {frames.map(({ node, top, bottom }) => (
        <g key={`${node}-${top}`} className={styles.frame}>
          <rect x={1} y={top + 1} width={width - 2} height={bottom - top - 1} rx={8} />
          <text x={10} y={top + 17}>
            {node}
          </text>
        </g>
      ))}
      {last && <line className={styles.track} x1={trackX} x2={trackX} y1={stations[0]!.y} y2={last.y} />}
      {stations.map((station) => (
        <Stop key={station.y} station={station} />
      ))}
    </svg>
  );
}

/** Shape and word differ, not only the colour. */
function Stop({ station: { kind, label, y, isEnd } }: { readonly station: Station }) {
  const isGate = kind === 'policy' || kind === 'nat';
  return (
    <g className={clsx(styles.stop, isEnd && styles.end, kind === 'arrival' && styles.arrived)}>
      {isEnd ? (
        <path d={`M${trackX - 7} ${y - 7}l14 14m0 -14l-14 14`} />
      ) : isGate ? (
        <rect x={trackX - 6} y={y - 6} width={12} height={12} />
      ) : (
        <circle cx={trackX} cy={y} r={kind === 'arrival' ? 7 : 5} />
      )}
      <text x={trackX + 16} y={y + 4}>
        {label}
      </text>
    </g>
  );
}
