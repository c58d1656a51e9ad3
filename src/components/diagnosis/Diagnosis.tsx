import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { useEffect, useState } from 'react';
import { allSteps, branches, commandOf, wide } from '../../lab/diagnosis/flow.ts';
import type { Branch, Step } from '../../lab/diagnosis/step.ts';
import type { DiagnosisView, Trouble } from '../../lab/page/protocol.ts';
import { useSession, useStage } from '../stage/StageContext.tsx';
import { useLessonCluster } from '../stage/use-lesson-cluster.ts';
import buttons from '../buttons.module.css';
import styles from './diagnosis.module.css';

/** How often the cluster is looked at while one runs, in real milliseconds. */
const refreshMs = 1000;

/**
 * The way from a symptom to its cause. As it stands it is a list of questions, commands and answers; beside a cluster that
 * runs it marks what was looked at, opens the branch whose sign the cluster shows, and points to the next step.
 */
export default function Diagnosis() {
  const view = useDiagnosis();
  const troubleOf = (sign: Branch['sign']): Trouble | undefined => view?.troubles.find((trouble) => trouble.sign === sign);
  return (
    <section className={styles.diagnosis} aria-label={translate({ id: 'diagnosis.label', message: 'The method as a chart' })}>
      {view && <Now view={view} />}
      <h3>{translate({ id: 'diagnosis.wide', message: 'First wide: half a minute for the whole cluster' })}</h3>
      <ol className={styles.wide}>
        {wide.map((step) => (
          <StepBox key={step.id} step={step} view={view} />
        ))}
      </ol>
      <h3>{translate({ id: 'diagnosis.narrow', message: 'Then narrow: what do you see?' })}</h3>
      <ul className={styles.branches}>
        {branches.map((branch) => (
          <li key={branch.sign}>
            <BranchBox branch={branch} view={view} trouble={troubleOf(branch.sign)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Undefined while no cluster runs. */
function useDiagnosis(): DiagnosisView | undefined {
  const { client } = useStage();
  const session = useSession();
  const [view, setView] = useState<DiagnosisView>();
  const isReady = session?.status === 'ready';
  useEffect(() => {
    setView(undefined);
    if (!client || !isReady) return;
    let isCurrent = true;
    let isWaiting = false;
    const ask = (): void => {
      if (isWaiting) return;
      isWaiting = true;
      void client.ask({ about: 'diagnosis' }).then((next) => {
        isWaiting = false;
        if (isCurrent) setView(next);
      });
    };
    ask();
    const timer = setInterval(ask, refreshMs);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [client, isReady]);
  return view;
}

/** What the cluster shows now, and what to ask next, in a sentence. */
function Now({ view: { troubles, next } }: { readonly view: DiagnosisView }) {
  const seen = troubles.map(({ sign, namespace, name, others }) => {
    const where = [namespace, name].filter(Boolean).join('/');
    const title = branches.find((branch) => branch.sign === sign)!.title;
    const more = others > 0 ? translate({ id: 'diagnosis.others', message: ' and {count} more' }, { count: others }) : '';
    return where ? `${title} (${where}${more})` : title;
  });
  const step = allSteps.find(({ id }) => id === next);
  return (
    <p className={styles.now} role="status">
      {seen.length === 0
        ? translate({ id: 'diagnosis.healthy', message: 'Your cluster shows no sign of trouble.' })
        : translate({ id: 'diagnosis.troubles', message: 'Your cluster shows: {seen}.' }, { seen: seen.join('; ') })}{' '}
      {step && <strong>{translate({ id: 'diagnosis.next', message: 'Next: {question}' }, { question: step.asks })}</strong>}
      {!step && seen.length > 0 && (
        <strong>{translate({ id: 'diagnosis.done', message: 'You have asked everything. Now say the cause aloud.' })}</strong>
      )}
    </p>
  );
}

interface BranchProps {
  readonly branch: Branch;
  readonly view: DiagnosisView | undefined;
  readonly trouble: Trouble | undefined;
}

function BranchBox({ branch: { title, seen, steps }, view, trouble }: BranchProps) {
  const hasNext = steps.some(({ id }) => id === view?.next);
  return (
    <details className={clsx(styles.branch, trouble && styles.shown)} open={hasNext || undefined}>
      <summary>
        <strong>{title}</strong>
        {trouble && <span className={styles.badge}>{translate({ id: 'diagnosis.here', message: '● in your cluster' })}</span>}
        <span className={styles.seen}>{seen}</span>
      </summary>
      {trouble?.evidence && <p className={styles.evidence}>{trouble.evidence}</p>}
      <ol className={styles.steps}>
        {steps.map((step) => (
          <StepBox key={step.id} step={step} view={view} trouble={trouble} />
        ))}
      </ol>
    </details>
  );
}

interface StepProps {
  readonly step: Step;
  readonly view: DiagnosisView | undefined;
  readonly trouble?: Trouble | undefined;
}

function StepBox({ step, view, trouble }: StepProps) {
  const isLooked = view?.looked.includes(step.id) ?? false;
  const isNext = view?.next === step.id;
  const isBeside = trouble !== undefined && step.evidence !== undefined && !step.evidence.test(trouble.evidence);
  return (
    <li className={clsx(styles.step, isNext && styles.next, isBeside && styles.beside)} aria-current={isNext ? 'step' : undefined}>
      <p>
        <strong>{step.asks}</strong>
        {isLooked && <span className={styles.badge}>{translate({ id: 'diagnosis.looked', message: '✓ looked' })}</span>}
        {isNext && <span className={styles.badge}>{translate({ id: 'diagnosis.nextBadge', message: '→ next' })}</span>}
        {isBeside && !isLooked && (
          <span className={styles.badge}>{translate({ id: 'diagnosis.beside', message: '– the cluster says nothing of it' })}</span>
        )}
      </p>
      <Command step={step} trouble={trouble} />
      <ul>
        {step.answers.map((answer) => (
          <li key={answer}>{answer}</li>
        ))}
      </ul>
    </li>
  );
}

function Command({ step, trouble }: Pick<StepProps, 'step' | 'trouble'>) {
  const { run } = useStage();
  const cluster = useLessonCluster();
  const command = commandOf(step, trouble);
  const isWhole = trouble !== undefined || command === step.command;
  return (
    <div className={clsx(styles.command, buttons.row)}>
      <code>{command}</code>
      {isWhole && (
        <button
          type="button"
          onClick={() => run([command], cluster)}
          aria-label={translate({ id: 'diagnosis.typeThis', message: 'Type into the terminal: {command}' }, { command })}
        >
          {translate({ id: 'diagnosis.type', message: 'Type' })}
        </button>
      )}
    </div>
  );
}
