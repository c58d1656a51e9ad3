import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { useEffect, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import styles from './stage.module.css';

const stepPercent = 4;
const range = { least: 30, most: 70 } as const;
const clamp = (percent: number): number => Math.round(Math.min(range.most, Math.max(range.least, percent)));

interface SplitterProps {
  /** `text`: between the text and the stage. `terminal`: between the views and the terminals. */
  readonly divides: 'text' | 'terminal';
}

/** Divides two panes. Dragged with the pointer, or moved with the arrow keys. Its value is the share of the second pane. */
export default function Splitter({ divides }: SplitterProps) {
  const isUpright = divides === 'text';
  const [percent, setPercent] = useState(isUpright ? 54 : 50);
  useEffect(() => {
    const [name, unit] = isUpright ? ['--stage-width', 'vw'] : ['--terminal-height', '%'];
    document.documentElement.style.setProperty(name!, `${percent}${unit}`);
  }, [percent, isUpright]);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => event.currentTarget.setPointerCapture(event.pointerId);
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1) return;
    const { top, height } = event.currentTarget.parentElement!.getBoundingClientRect();
    setPercent(clamp(100 * (1 - (isUpright ? event.clientX / window.innerWidth : (event.clientY - top) / height))));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const [more, less] = isUpright ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key !== more && event.key !== less) return;
    event.preventDefault();
    setPercent((now) => clamp(now + (event.key === more ? stepPercent : -stepPercent)));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a window splitter that can be moved is no <hr>.
    <div
      className={clsx(styles.splitter, isUpright ? styles.upright : styles.level)}
      role="separator"
      aria-orientation={isUpright ? 'vertical' : 'horizontal'}
      aria-label={
        isUpright
          ? translate({ id: 'stage.splitter', message: 'Width of the live cluster' })
          : translate({ id: 'stage.splitter.terminal', message: 'Height of the terminal' })
      }
      aria-valuenow={percent}
      aria-valuemin={range.least}
      aria-valuemax={range.most}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onKeyDown={onKeyDown}
    />
  );
}
