import { translate } from '@docusaurus/Translate';
import { useId, useState } from 'react';
import styles from './quiz.module.css';

interface QuizProps {
  readonly question: string;
  readonly answers: readonly { readonly text: string; readonly correct: boolean }[];
  /** Why the right answer is right. */
  readonly explain: string;
}

/** One question with one right answer. The explanation is there without JavaScript as well. */
export default function Quiz({ question, answers, explain }: QuizProps) {
  const name = useId();
  const [chosen, setChosen] = useState<number>();
  const verdict = chosen === undefined ? undefined : answers[chosen]!.correct;
  return (
    <fieldset className={styles.quiz}>
      <legend>{question}</legend>
      {answers.map(({ text }, i) => (
        <label key={text} className={styles.answer}>
          <input type="radio" name={name} checked={chosen === i} onChange={() => setChosen(i)} />
          {text}
        </label>
      ))}
      <p className={styles.verdict} role="status" data-verdict={verdict}>
        {verdict === undefined
          ? ''
          : verdict
            ? translate({ id: 'quiz.right', message: '✓ Right.' })
            : translate({ id: 'quiz.wrong', message: '✗ Not quite.' })}
      </p>
      <details open={verdict}>
        <summary>{translate({ id: 'quiz.why', message: 'Why' })}</summary>
        <p>{explain}</p>
      </details>
    </fieldset>
  );
}
