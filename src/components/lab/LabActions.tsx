import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { useRef } from 'react';
import { useSession, useStage } from '../stage/StageContext.tsx';
import ConfirmButton from './ConfirmButton.tsx';
import buttons from '../buttons.module.css';
import styles from './lab.module.css';

/** What can be done with the lab as a whole. What cannot be taken back asks once. */
export default function LabActions() {
  const { client } = useStage();
  const session = useSession()!;
  const solution = useRef<HTMLDialogElement>(null);
  const showSolution = (): void => {
    client!.send({ type: 'help', solution: true });
    solution.current?.showModal();
  };
  const solutionLabel = translate({ id: 'lab.solution', message: 'Show the solution' });
  return (
    <div className={clsx(styles.actions, buttons.row)}>
      <button type="button" className="button button--primary button--sm" onClick={() => client!.send({ type: 'check' })}>
        {translate({ id: 'lab.check', message: 'Check my work' })}
      </button>
      <button type="button" onClick={() => void client!.download()}>
        {translate({ id: 'lab.export', message: 'Export submission' })}
      </button>
      {session.solution === undefined ? (
        <ConfirmButton
          label={solutionLabel}
          question={translate({ id: 'lab.solution.confirm', message: 'Show the solution? Your submission will say that you saw it.' })}
          onConfirm={showSolution}
        />
      ) : (
        <button type="button" onClick={showSolution}>
          {solutionLabel}
        </button>
      )}
      <ConfirmButton
        label={translate({ id: 'lab.reset', message: 'Begin again' })}
        question={translate({ id: 'lab.reset.confirm', message: 'Begin again? What you did in this lab is lost.' })}
        onConfirm={() => void client!.reset()}
      />
      <dialog
        ref={solution}
        className={clsx(styles.solution, buttons.row)}
        aria-label={translate({ id: 'lab.solution.title', message: 'The solution' })}
      >
        <form method="dialog">
          <button type="submit">{translate({ id: 'close', message: 'Close' })}</button>
        </form>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard. */}
        <pre tabIndex={0}>{session.solution}</pre>
      </dialog>
    </div>
  );
}
