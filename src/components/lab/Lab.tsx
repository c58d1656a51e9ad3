import { useLocation } from '@docusaurus/router';
import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { useEffect, useState } from 'react';
import { decodeClass } from '../../lab/class-code.ts';
import { labSummaries } from '../../lab/generated/labs.ts';
import { durationText } from '../../lab/measures.ts';
import type { TaskState } from '../../lab/tasks.ts';
import { prepareWhenIdle } from '../stage/prepare.ts';
import { isKept } from '../stage/session-client.ts';
import { useSession, useStage } from '../stage/StageContext.tsx';
import buttons from '../buttons.module.css';
import styles from './lab.module.css';
import LabActions from './LabActions.tsx';
import Words from './Words.tsx';

type Summary = (typeof labSummaries)[number];

/** A lab in a lesson: readable as it stands, and live once it was started. */
export default function Lab({ path }: { readonly path: string }) {
  const lab = (labSummaries as readonly Summary[]).find((summary) => summary.path === path);
  if (!lab) throw new Error(`there is no lab ${path}`);
  return <LabCard lab={lab} />;
}

/** The class code in the address, when it is for this lab; the page that was built knows no address. */
function useClassCode(path: string): string | undefined {
  const { search } = useLocation();
  const [code, setCode] = useState<string>();
  useEffect(() => {
    const found = new URLSearchParams(search).get('class') ?? '';
    setCode(decodeClass(found)?.lab === path ? found : undefined);
  }, [search, path]);
  return code;
}

/** The summary with a class's points. */
function inClass(lab: Summary, code: string | undefined): Summary {
  const { points = {} } = (code && decodeClass(code)) || {};
  return { ...lab, tasks: lab.tasks.map((task) => ({ ...task, points: points[task.id] ?? task.points })) } as unknown as Summary;
}

function LabCard({ lab: own }: { readonly lab: Summary }) {
  const { start, show, isShown } = useStage();
  const session = useSession();
  const code = useClassCode(own.path);
  const lab = inClass(own, code);
  const place = code ? `${lab.path}?class=${code}` : lab.path;
  const running = session?.path === place ? session : undefined;
  const points = lab.tasks.reduce((sum, task) => sum + task.points, 0);
  const isDone = running !== undefined && running.tasks.length > 0 && running.tasks.every(({ state }) => state === 'green');
  return (
    <section className={styles.lab} aria-label={lab.title} data-lab={lab.path}>
      <header>
        <p className={styles.kind}>
          {translate({ id: 'lab.kind', message: 'Lab · {minutes} minutes · {points} points' }, { minutes: lab.minutes, points })}
        </p>
        <h2 className={styles.title}>{lab.title}</h2>
        <p>{lab.summary}</p>
        {code && (
          <p>
            {translate({
              id: 'lab.class',
              message:
                'Your class has fixed the cluster and the points. When you are done, export your submission and hand that file in; nothing is sent from here.',
            })}
          </p>
        )}
      </header>
      <ol className={styles.tasks}>
        {lab.tasks.map((task) => (
          <Task key={task.id} task={task} state={running?.tasks.find(({ id }) => id === task.id)} />
        ))}
      </ol>
      {isDone && <Debrief />}
      {running ? <LabActions /> : <StartButton onStart={() => start(place)} path={place} />}
      <p className={styles.announced} role="status">
        {announcementOf(lab, running?.tasks)}
      </p>
      {running && !isShown && (
        <button type="button" className={clsx(styles.showStage, buttons.small)} onClick={() => show(true)}>
          {translate({ id: 'lab.show', message: 'Show the cluster' })}
        </button>
      )}
    </section>
  );
}

function StartButton({ path, onStart }: { readonly path: string; readonly onStart: () => void }) {
  const [goesOn, setGoesOn] = useState(false);
  useEffect(prepareWhenIdle, []);
  useEffect(() => {
    let isCurrent = true;
    void isKept(path).then((kept) => isCurrent && setGoesOn(kept));
    return () => {
      isCurrent = false;
    };
  }, [path]);
  return (
    <button type="button" className="button button--primary" onClick={onStart}>
      {goesOn ? translate({ id: 'lab.continue', message: 'Continue the lab' }) : translate({ id: 'lab.start', message: 'Start the lab' })}
    </button>
  );
}

/** The task that turned green last, for a screen reader that cannot see the marks change. */
function announcementOf(lab: Summary, tasks: readonly TaskState[] = []): string {
  const green = tasks.filter((task) => task.greenAtMs !== undefined).sort((a, b) => a.greenAtMs! - b.greenAtMs!);
  const title = lab.tasks.find(({ id }) => id === green.at(-1)?.id)?.title;
  return title
    ? translate({ id: 'lab.done', message: '{n} of {all} done: {title}' }, { n: green.length, all: lab.tasks.length, title })
    : '';
}

const marks: Readonly<Record<TaskState['state'], string>> = { green: '✓', holding: '◔', open: '○', waiting: '·' };

function stateWords(state: TaskState): string {
  switch (state.state) {
    case 'green':
      return translate({ id: 'task.green', message: 'done after {time}' }, { time: durationText(state.greenAtMs ?? 0) });
    case 'holding':
      return translate({ id: 'task.holding', message: 'looks right; must hold a moment' });
    case 'waiting':
      return translate({ id: 'task.waiting', message: 'needs an earlier task' });
    case 'open':
      return translate({ id: 'task.open', message: 'open' });
  }
}

function Task({ task, state }: { readonly task: Summary['tasks'][number]; readonly state: TaskState | undefined }) {
  const session = useSession();
  const { client } = useStage();
  /** By their place in the lab's list, in the order in which the reader got them. */
  const [shown, setShown] = useState<readonly number[]>([]);
  const hints = session?.lab?.tasks.find(({ id }) => id === task.id)?.hints ?? [];
  const left = (state?.hints ?? []).filter((i) => !shown.includes(i));
  const nextHint = (hint: number): void => {
    client?.send({ type: 'help', hint: `${task.id}/${hint + 1}` });
    setShown([...shown, hint]);
  };
  return (
    <li className={clsx(styles.task, state && styles[state.state])} data-task={task.id} data-state={state?.state}>
      <span className={styles.mark} aria-hidden="true">
        {state ? marks[state.state] : '○'}
      </span>
      <div>
        <p className={styles.taskTitle}>
          <Words text={task.title} />
          {state && <span className={styles.stateWords}> {stateWords(state)}</span>}
        </p>
        {state?.state === 'open' && session?.asked && state.message && (
          <p className={styles.found}>
            <Words text={state.message} />
          </p>
        )}
        {state &&
          shown.map((hint) => (
            <p key={hint} className={styles.hint}>
              <Words text={hints[hint]?.text ?? ''} />
            </p>
          ))}
        {state && state.state !== 'green' && (
          <p className={clsx(styles.taskActions, buttons.row)}>
            {left[0] !== undefined && (
              <button type="button" onClick={() => nextHint(left[0]!)}>
                {translate({ id: 'task.hint', message: 'Hint {n} of {all}' }, { n: shown.length + 1, all: shown.length + left.length })}
              </button>
            )}
            <button type="button" onClick={() => client?.send({ type: 'undo', task: task.id })}>
              {translate({ id: 'task.undo', message: 'Undo to the start of this task' })}
            </button>
          </p>
        )}
      </div>
    </li>
  );
}

function Debrief() {
  const text = useSession()?.lab?.debrief ?? '';
  return (
    <div className={styles.debrief}>
      <h3>{translate({ id: 'lab.debrief', message: 'What happened inside' })}</h3>
      {text
        .trim()
        .split('\n\n')
        .map((paragraph) => (
          <p key={paragraph}>
            <Words text={paragraph} />
          </p>
        ))}
    </div>
  );
}
