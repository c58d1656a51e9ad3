import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import type { SchedulingView } from '../../lab/page/protocol.ts';
import { barsOf } from './scheduling-bars.ts';
import styles from './why.module.css';

/** The nodes of one attempt: stacked bars of the points that each plugin gave, the rejected ones with their reason, and all of it as a table. */
export default function SchedulingFigure({ decision }: { readonly decision: SchedulingView }) {
  const { scored, rejected, plugins, chosen, leftOut } = decision;
  return (
    <>
      {plugins.length > 0 && <Bars decision={decision} />}
      {plugins.length > 0 && (
        <table className={styles.table}>
          <caption>{translate({ id: 'why.points', message: 'Points: each plugin’s score from 0 to 100, times its weight' })}</caption>
          <thead>
            <tr>
              <th scope="col">{translate({ id: 'why.plugin', message: 'Plugin' })}</th>
              <th scope="col">{translate({ id: 'why.weight', message: 'Weight' })}</th>
              {scored.map(({ node }) => (
                <th key={node} scope="col" className={clsx(node === chosen && styles.chosen)}>
                  {node}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {plugins.map(({ name, weight }, p) => (
              <tr key={name}>
                <th scope="row">
                  <Swatch plugin={p} /> {name}
                </th>
                <td>×{weight}</td>
                {scored.map(({ node, points }) => (
                  <td key={node}>{points[p]}</td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{translate({ id: 'why.total', message: 'Total' })}</th>
              <td />
              {scored.map(({ node, total }) => (
                <td key={node}>{total}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      )}
      {rejected.length > 0 && <Rejected rejected={rejected} />}
      <LeftOut leftOut={leftOut} />
    </>
  );
}

function Swatch({ plugin }: { readonly plugin: number }) {
  return <span className={styles.swatch} data-plugin={plugin % 8} aria-hidden="true" />;
}

/** The table says the same, so that the picture is hidden from those who cannot see it. */
function Bars({ decision }: { readonly decision: SchedulingView }) {
  return (
    <div className={styles.bars} aria-hidden="true">
      {barsOf(decision).map(({ node, total, isChosen, segments }) => (
        <div key={node} className={clsx(styles.bar, isChosen && styles.chosen)}>
          <span className={styles.node}>
            {isChosen ? '✓ ' : ''}
            {node}
          </span>
          <span className={styles.stack}>
            {segments.map(({ plugin, name, points, share }) => (
              <span
                key={name}
                className={styles.segment}
                data-plugin={plugin % 8}
                style={{ width: `${share}%` }}
                title={`${name}: ${points}`}
              />
            ))}
          </span>
          <span className={styles.total}>{total}</span>
        </div>
      ))}
    </div>
  );
}

function Rejected({ rejected }: { readonly rejected: SchedulingView['rejected'] }) {
  return (
    <table className={styles.table}>
      <caption>{translate({ id: 'why.rejected', message: 'Nodes that the filters rejected' })}</caption>
      <thead>
        <tr>
          <th scope="col">{translate({ id: 'why.node', message: 'Node' })}</th>
          <th scope="col">{translate({ id: 'why.filter', message: 'Filter' })}</th>
          <th scope="col">{translate({ id: 'why.reason', message: 'Reason' })}</th>
        </tr>
      </thead>
      <tbody>
        {rejected.map(({ node, plugin, reason }) => (
          <tr key={node}>
            <th scope="row">✗ {node}</th>
            <td>{plugin}</td>
            <td className={styles.reason}>{reason}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function LeftOut({ leftOut: { scored, rejected, unseen } }: { readonly leftOut: SchedulingView['leftOut'] }) {
  const parts = [
    scored > 0 && translate({ id: 'why.moreScored', message: '{count} more passed with fewer points' }, { count: scored }),
    rejected > 0 && translate({ id: 'why.moreRejected', message: '{count} more were rejected' }, { count: rejected }),
    unseen > 0 && translate({ id: 'why.unseen', message: '{count} were not looked at, since enough had been found' }, { count: unseen }),
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : <p className={styles.quiet}>{parts.join('; ')}</p>;
}
