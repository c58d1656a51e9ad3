import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import type { NetworkView } from '../../lab/page/protocol.ts';
import styles from './network.module.css';

type Matrix = NonNullable<NetworkView['matrix']>;
type Cell = Matrix['cells'][number][number];

const marks: Readonly<Record<Cell['verdict'], string>> = { yes: '✓', some: '◐', egress: '✗', ingress: '✗', refused: '–', lost: '?' };

const withoutNamespace = (name: string, namespace: string): string => name.replace(`${namespace}/`, '');

/** Who reaches whom on which port, measured now with packets on trial. */
export default function ReachabilityTable({ matrix, namespace }: { readonly matrix: Matrix; readonly namespace: string }) {
  const { sources, targets, cells, leftOut } = matrix;
  if (sources.length === 0 || targets.length === 0)
    return <p className={styles.empty}>{translate({ id: 'network.noMatrix', message: 'No Pod here has an address and an open port.' })}</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className={styles.scroll} tabIndex={0} aria-label={translate({ id: 'network.matrix', message: 'Who reaches whom' })}>
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">{translate({ id: 'network.fromTo', message: 'From, to' })}</th>
              {targets.map(({ name }) => (
                <th key={name} scope="col">
                  {withoutNamespace(name, namespace)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sources.map((source, i) => (
              <tr key={source}>
                <th scope="row">{withoutNamespace(source, namespace)}</th>
                {targets.map(({ name }, j) => (
                  <Verdict key={name} cell={cells[i]![j]!} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Reasons matrix={matrix} namespace={namespace} />
      {leftOut > 0 && (
        <p className={styles.empty}>
          {translate({ id: 'network.leftOut', message: '{count} more Pods are not shown.' }, { count: leftOut })}
        </p>
      )}
    </>
  );
}

/** More reasons than this are not listed. */
const maxReasons = 20;

function Reasons({ matrix: { sources, targets, cells }, namespace }: { readonly matrix: Matrix; readonly namespace: string }) {
  const reasons = sources.flatMap((source, i) =>
    targets.flatMap(({ name }, j) => (cells[i]![j]!.verdict === 'yes' ? [] : [{ source, name, why: cells[i]![j]!.why }])),
  );
  return (
    <ul className={styles.reasons}>
      {reasons.slice(0, maxReasons).map(({ source, name, why }) => (
        <li key={`${source} ${name}`}>
          <strong>{`${withoutNamespace(source, namespace)} → ${withoutNamespace(name, namespace)}`}</strong> {why}
        </li>
      ))}
    </ul>
  );
}

function Verdict({ cell: { verdict, share, why } }: { readonly cell: Cell }) {
  return (
    <td title={why} className={clsx(verdict === 'yes' ? styles.good : verdict === 'some' ? styles.partly : styles.bad)}>
      <span aria-hidden="true">{marks[verdict]} </span>
      {verdict === 'some' ? share : verdict}
    </td>
  );
}
