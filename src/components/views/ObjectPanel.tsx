import { translate } from '@docusaurus/Translate';
import { useEffect, useState } from 'react';
import type { ObjectRef } from '../../lab/page/protocol.ts';
import { useSession, useStage } from '../stage/StageContext.tsx';
import styles from './object.module.css';

/** The selected object as YAML, as it is now. */
export default function ObjectPanel({ object }: { readonly object: ObjectRef }) {
  const { client, select } = useStage();
  const { pods, nodes } = useSession()!;
  const [yaml, setYaml] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new picture of the cluster means that the object may have changed.
  useEffect(() => {
    let isCurrent = true;
    void client!.inspect(object).then((text) => isCurrent && setYaml(text));
    return () => {
      isCurrent = false;
    };
  }, [client, object, pods, nodes]);
  const title = `${object.resource}/${object.name}`;
  return (
    <aside className={styles.panel} aria-label={title}>
      <header>
        <strong>{title}</strong>
        <button type="button" onClick={() => select(undefined)} aria-label={translate({ id: 'close', message: 'Close' })}>
          ×
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{yaml ?? translate({ id: 'object.gone', message: 'It is gone.' })}</pre>
    </aside>
  );
}
