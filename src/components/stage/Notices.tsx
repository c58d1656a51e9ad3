import { translate } from '@docusaurus/Translate';
import type { Notice } from './session-client.ts';
import { useSession } from './StageContext.tsx';
import styles from './stage.module.css';

/** What the reader must know about the session itself: that it broke, or could not be kept. */
export default function Notices() {
  const { crash, notice } = useSession()!;
  if (crash) {
    return (
      <div className={styles.crash} role="alert">
        <p>
          {translate({
            id: 'stage.crash',
            message:
              'The cluster has stopped because of a mistake in the emulator, not because of yours. Reload the page to go on from your last input.',
          })}
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard. */}
        <pre tabIndex={0}>{crash.message}</pre>
      </div>
    );
  }
  return (
    <p className={styles.notice} role="status">
      {notice && wordsOf(notice)}
    </p>
  );
}

function wordsOf(notice: Notice): string {
  if (notice.type === 'not-kept') {
    return translate({ id: 'stage.notKept', message: 'This browser keeps nothing here: a reload starts the lab over.' });
  }
  const { reason, files } = notice;
  return files.length > 0
    ? translate(
        {
          id: 'stage.notRestored.files',
          message: 'Your earlier session could not be restored ({reason}). This is a fresh one, with your files: {files}.',
        },
        { reason, files: files.join(', ') },
      )
    : translate(
        { id: 'stage.notRestored', message: 'Your earlier session could not be restored ({reason}). This is a fresh one.' },
        { reason },
      );
}
