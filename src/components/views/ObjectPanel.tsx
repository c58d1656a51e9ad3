import { translate } from '@docusaurus/Translate';
import { useEffect, useState } from 'react';
import type { EventView, ObjectRef, ObjectView } from '../../lab/page/protocol.ts';
import { clockText } from '../stage/ClockBar.tsx';
import { useSession, useStage } from '../stage/StageContext.tsx';
import styles from './object.module.css';

interface ObjectPanelProps {
  readonly object: ObjectRef;
  /** Opens a file of this name and content in the editor. */
  readonly onEdit?: (name: string, content: string) => void;
}

/** The selected object as YAML, as it is now, and what happened to it. */
export default function ObjectPanel({ object, onEdit }: ObjectPanelProps) {
  const { client, select } = useStage();
  const { pods, nodes } = useSession()!;
  const [shown, setShown] = useState<ObjectView>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new picture of the cluster means that the object may have changed.
  useEffect(() => {
    let isCurrent = true;
    void client!.ask({ about: 'object', object }).then((view) => isCurrent && setShown(view));
    return () => {
      isCurrent = false;
    };
  }, [client, object, pods, nodes]);
  const title = `${object.resource}/${object.name}`;
  return (
    <aside className={styles.panel} aria-label={title}>
      <header>
        <strong>{title}</strong>
        {shown && onEdit && (
          <button type="button" onClick={() => onEdit(`${object.resource}-${object.name}.yaml`, shown.manifest)}>
            {translate({ id: 'object.edit', message: 'Edit as a file' })}
          </button>
        )}
        <button type="button" onClick={() => select(undefined)} aria-label={translate({ id: 'close', message: 'Close' })}>
          ×
        </button>
      </header>
      {shown && shown.events.length > 0 && <Events events={shown.events} />}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{shown?.yaml ?? translate({ id: 'object.gone', message: 'It is gone.' })}</pre>
    </aside>
  );
}

function Events({ events }: { readonly events: readonly EventView[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long list that scrolls must be reachable by keyboard.
    <ol className={styles.events} aria-label={translate({ id: 'object.events', message: 'Events' })} tabIndex={0}>
      {events.map(({ key, type, reason, message, count, atMs }) => (
        <li key={key} className={type === 'Warning' ? styles.warning : undefined}>
          <time>{clockText(Math.max(0, atMs))}</time> <strong>{reason}</strong> {message}
          {count > 1 && ` (×${count})`}
        </li>
      ))}
    </ol>
  );
}
