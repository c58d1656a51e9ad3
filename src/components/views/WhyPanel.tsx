import { translate } from '@docusaurus/Translate';
import { useEffect, useId, useState } from 'react';
import type { ObjectRef, WhyView } from '../../lab/page/protocol.ts';
import { clockText } from '../stage/ClockBar.tsx';
import { useSession, useStage } from '../stage/StageContext.tsx';
import SchedulingFigure from './SchedulingFigure.tsx';
import styles from './why.module.css';

/** Why the selected object is as it is: the decisions about it, one shown whole. */
export default function WhyPanel({ object }: { readonly object: ObjectRef }) {
  const { client } = useStage();
  const { pods, nodes } = useSession()!;
  const [decisions, setDecisions] = useState<readonly WhyView[]>();
  const [chosenId, choose] = useState<number>();
  const selectId = useId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new picture of the cluster means that there may be a new decision.
  useEffect(() => {
    let isCurrent = true;
    void client!.ask({ about: 'why', object }).then((found) => isCurrent && setDecisions(found));
    return () => {
      isCurrent = false;
    };
  }, [client, object, pods, nodes]);
  if (!decisions) return null;
  const shown = decisions.find(({ id }) => id === chosenId) ?? decisions[0];
  const name = [object.namespace, object.name].filter(Boolean).join('/');
  return (
    <div className={styles.why}>
      <h2>{translate({ id: 'why.title', message: 'Why is {name} here?' }, { name })}</h2>
      {shown === undefined && (
        <p className={styles.quiet}>
          {translate({
            id: 'why.none',
            message:
              'No scheduler has decided about this Pod: it waits outside the queue, names its node itself, or names a scheduler that nobody runs.',
          })}
        </p>
      )}
      {decisions.length > 1 && (
        <p>
          <label htmlFor={selectId}>{translate({ id: 'why.attempt', message: 'Attempt' })}</label>{' '}
          <select id={selectId} value={shown!.id} onChange={(event) => choose(Number(event.target.value))}>
            {decisions.map((decision) => (
              <option key={decision.id} value={decision.id}>
                {optionText(decision)}
              </option>
            ))}
          </select>
        </p>
      )}
      {shown && (
        <>
          <p className={styles.sentence}>{shown.sentence}</p>
          <SchedulingFigure decision={shown} />
        </>
      )}
    </div>
  );
}

function optionText({ attempt, atMs, chosen, message }: WhyView): string {
  const outcome = chosen ?? (message === undefined ? '' : translate({ id: 'why.noNode', message: 'no node' }));
  return `${attempt}: ${clockText(Math.max(0, atMs))} ${outcome}`;
}
