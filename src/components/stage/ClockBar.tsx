import { translate } from '@docusaurus/Translate';
import type { Speed } from '../../lab/page/protocol.ts';
import { pointsOf } from '../../lab/format.ts';
import styles from './stage.module.css';
import { useSession, useStage } from './StageContext.tsx';

const speeds: readonly Exclude<Speed, 0>[] = [1, 5, 15, 60];
/** A skip that finds no change ends here. */
const maxSkipMs = 10 * 60_000;

/** Virtual time as minutes and seconds. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Title, the cluster's time and what moves it, and how far the lab is. */
export default function ClockBar({ onClose }: { readonly onClose: () => void }) {
  const { client } = useStage();
  const session = useSession()!;
  const { lab, nowMs, speed, isBehind, waitMs, tasks } = session;
  const green = tasks.filter(({ state }) => state === 'green').length;
  const paused = speed === 0;
  return (
    <header className={styles.clockBar}>
      <strong className={styles.title}>{lab?.title ?? ''}</strong>
      {/* biome-ignore lint/a11y/useSemanticElements: a toolbar's group is no set of form fields. */}
      <div className={styles.clock} role="group" aria-label={translate({ id: 'clock.label', message: 'The cluster’s time' })}>
        <time className={styles.time} title={translate({ id: 'clock.time', message: 'Time since the lab began' })}>
          {clockText(nowMs)}
        </time>
        <button type="button" aria-pressed={paused} onClick={() => client!.send({ type: 'speed', speed: paused ? 1 : 0 })}>
          {paused ? translate({ id: 'clock.resume', message: 'Resume' }) : translate({ id: 'clock.pause', message: 'Pause' })}
        </button>
        <button type="button" disabled={!paused} onClick={() => client!.send({ type: 'step' })}>
          {translate({ id: 'clock.step', message: 'Step' })}
        </button>
        <select
          aria-label={translate({ id: 'clock.speed', message: 'Speed' })}
          value={paused ? 1 : speed}
          onChange={(event) => client!.send({ type: 'speed', speed: Number(event.target.value) as Speed })}
        >
          {speeds.map((value) => (
            <option key={value} value={value}>{`${value}×`}</option>
          ))}
        </select>
        <button
          type="button"
          onClick={() => client!.send({ type: 'skip', maxMs: maxSkipMs })}
          title={translate({ id: 'clock.skip.title', message: 'Run until something changes' })}
        >
          {waitMs === undefined
            ? translate({ id: 'clock.skip', message: 'Skip to next change' })
            : translate({ id: 'clock.skip.wait', message: 'Skip {time} to next change' }, { time: clockText(waitMs) })}
        </button>
        {isBehind && <span className={styles.behind}>{translate({ id: 'clock.behind', message: 'busy' })}</span>}
      </div>
      {lab && pointsOf(lab) > 0 && (
        <span className={styles.progress}>
          {translate({ id: 'stage.progress', message: '{green} of {all} tasks' }, { green, all: tasks.length })}
        </span>
      )}
      <button
        type="button"
        className={styles.close}
        onClick={onClose}
        aria-label={translate({ id: 'stage.close', message: 'Hide the live cluster' })}
      >
        ×
      </button>
    </header>
  );
}
