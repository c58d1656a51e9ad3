import { translate } from '@docusaurus/Translate';
import { Suspense, lazy, useCallback, useEffect, useState } from 'react';
import { useSession, useStage } from '../stage/StageContext.tsx';
import styles from './editor.module.css';

const CodeEditor = lazy(() => import('./CodeEditor.tsx'));

const home = '/root/';
const newManifest = 'manifest.yaml';
/** How often the list is read afresh while it is shown: a command may write files at any time. */
const refreshMs = 1500;

interface FilesViewProps {
  readonly path: string | undefined;
  readonly onPath: (path: string) => void;
}

/** The files of the learner's home folder, and an editor for them beside the terminal. */
export default function FilesView({ path, onPath }: FilesViewProps) {
  const { client, terminal } = useStage();
  const { generation } = useSession()!;
  const [files, setFiles] = useState<Readonly<Record<string, string>>>();
  const refresh = useCallback(() => void client!.ask({ about: 'files' }).then(setFiles), [client]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a session that begins anew has other files.
  useEffect(() => {
    refresh();
    const timer = setInterval(refresh, refreshMs);
    return () => clearInterval(timer);
  }, [refresh, generation]);

  const write = (to: string, content: string): void => {
    client!.send({ type: 'write-file', path: to, content });
    setFiles((known) => ({ ...known, [to]: content }));
  };
  const create = (name: string): void => {
    const to = home + name;
    if (files?.[to] === undefined) write(to, '');
    onPath(to);
  };
  const shown = path !== undefined && files?.[path] !== undefined ? path : undefined;
  return (
    <div className={styles.files}>
      <div className={styles.list}>
        <NewFile onCreate={create} />
        <ul aria-label={translate({ id: 'files.list', message: 'Files' })}>
          {Object.keys(files ?? {})
            .sort()
            .map((one) => (
              <li key={one}>
                <button type="button" aria-current={one === shown} onClick={() => onPath(one)}>
                  {one.slice(home.length)}
                </button>
              </li>
            ))}
        </ul>
      </div>
      {shown === undefined ? (
        <p className={styles.hint}>
          {translate({
            id: 'files.hint',
            message: 'Open a file of your home folder, or make a new one. The terminal sees the same files.',
          })}
        </p>
      ) : (
        <div className={styles.open}>
          <div className={styles.tools}>
            <strong>{shown.slice(home.length)}</strong>
            {/\.ya?ml$/.test(shown) && (
              <button
                type="button"
                onClick={() => client!.typeLines(terminal ?? '', [`kubectl apply -f ${quoted(shown.slice(home.length))}`])}
              >
                {translate({ id: 'files.apply', message: 'Apply' })}
              </button>
            )}
          </div>
          <Suspense>
            <CodeEditor
              key={`${generation}-${shown}`}
              client={client!}
              path={shown}
              text={files![shown]!}
              onSave={(text) => write(shown, text)}
            />
          </Suspense>
        </div>
      )}
    </div>
  );
}

/** A file's name as the shell takes it as one word. */
const quoted = (name: string): string => (/^[\w./-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);

function NewFile({ onCreate }: { readonly onCreate: (name: string) => void }) {
  const [name, setName] = useState(newManifest);
  const isNamed = /^[^/]+$/.test(name) && name !== '.' && name !== '..';
  return (
    <form
      className={styles.newFile}
      onSubmit={(event) => {
        event.preventDefault();
        if (isNamed) onCreate(name);
      }}
    >
      <input
        value={name}
        spellCheck={false}
        aria-label={translate({ id: 'files.name', message: 'Name of the new file' })}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" disabled={!isNamed}>
        {translate({ id: 'files.new', message: 'New file' })}
      </button>
    </form>
  );
}
