import { translate } from '@docusaurus/Translate';
import { useState } from 'react';
import styles from './lab.module.css';

interface ConfirmButtonProps {
  readonly label: string;
  /** What will happen, asked once. */
  readonly question: string;
  readonly onConfirm: () => void;
}

/** A button for what cannot be taken back: it asks once, in place. */
export default function ConfirmButton({ label, question, onConfirm }: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  if (!isAsking) {
    return (
      <button type="button" onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  }
  const confirm = (): void => {
    setAsking(false);
    onConfirm();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question with two answers is no set of form fields.
    <span className={styles.confirm} role="group" aria-label={question}>
      <span>{question}</span>
      <button type="button" ref={(button) => button?.focus()} onClick={confirm}>
        {translate({ id: 'confirm.yes', message: 'Yes' })}
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        {translate({ id: 'confirm.no', message: 'No' })}
      </button>
    </span>
  );
}
