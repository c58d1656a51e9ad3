import { translate } from '@docusaurus/Translate';
import { useEffect, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';
import styles from './stage.module.css';

const stepPercent = 4;
const range = { least: 30, most: 70 } as const;
const clamp = (percent: number): number => Math.round(Math.min(range.most, Math.max(range.least, percent)));

/** Divides text and stage. Dragged with the pointer, or moved with the arrow keys. */
export default function Splitter() {
  const [percent, setPercent] = useState(54);
  useEffect(() => {
    document.documentElement.style.setProperty('--stage-width', `${percent}vw`);
  }, [percent]);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => event.currentTarget.setPointerCapture(event.pointerId);
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons === 1) setPercent(clamp(100 - (event.clientX / window.innerWidth) * 100));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    if (event.key === 'ArrowLeft') setPercent((now) => clamp(now + stepPercent));
    if (event.key === 'ArrowRight') setPercent((now) => clamp(now - stepPercent));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a window splitter that can be moved is no <hr>.
    <div
      className={styles.splitter}
      role="separator"
      aria-orientation="vertical"
      aria-label={translate({ id: 'stage.splitter', message: 'Width of the live cluster' })}
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
