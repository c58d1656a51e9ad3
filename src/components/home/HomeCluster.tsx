import BrowserOnly from '@docusaurus/BrowserOnly';
import { translate } from '@docusaurus/Translate';
import { Suspense, lazy, useEffect, useRef } from 'react';
import { playground, useSession, useStage } from '../stage/StageContext.tsx';
import ClusterView from '../views/ClusterView.tsx';
import ObjectPanel from '../views/ObjectPanel.tsx';
import styles from './home-cluster.module.css';

const TerminalPane = lazy(() => import('../terminal/TerminalPane.tsx'));

/** Commands to begin with; a click types them. */
const suggestions = [
  'kubectl get nodes',
  'kubectl create deployment web --image=nginx:1.29 --replicas=6',
  'kubectl get pods -o wide',
  'kubectl delete pod -l app=web',
] as const;

/** The live cluster of the home page: starts by itself when the page has come to rest, or at the first click. */
export default function HomeCluster() {
  const { client, start, setInPage } = useStage();
  const session = useSession();
  const frame = useRef<HTMLDivElement>(null);
  const isLive = client !== undefined && session?.path === playground;

  useEffect(() => {
    setInPage(true);
    return () => setInPage(false);
  }, [setInPage]);

  // A lab that runs elsewhere is not replaced without being asked.
  useStartAtRest(frame, client === undefined, () => start(playground, { focus: false }));

  return (
    <section className={styles.frame} ref={frame} aria-label={translate({ id: 'home.cluster', message: 'A live cluster' })}>
      <h2 className={styles.heading}>{translate({ id: 'home.cluster', message: 'A live cluster' })}</h2>
      {isLive && session.crash && <p role="alert">{session.crash.message}</p>}
      <div className={styles.view}>
        {isLive && <ClusterView />}
        {isLive && <Selected />}
      </div>
      <div className={styles.terminal}>
        {isLive && session.terminals[0] ? (
          <BrowserOnly>
            {() => (
              <Suspense>
                <TerminalPane key={session.generation} client={client} name={session.terminals[0]!.name} isActive />
              </Suspense>
            )}
          </BrowserOnly>
        ) : (
          <button type="button" className={styles.start} onClick={() => start(playground)}>
            {translate({ id: 'home.start', message: 'Start the cluster and type' })}
          </button>
        )}
      </div>
      <Suggestions />
    </section>
  );
}

function Selected() {
  const { selected } = useStage();
  return selected ? <ObjectPanel object={selected} /> : null;
}

function Suggestions() {
  const { run } = useStage();
  return (
    <div className={styles.suggestions}>
      <span>{translate({ id: 'home.suggestions', message: 'Try:' })}</span>
      {suggestions.map((command) => (
        <button key={command} type="button" onClick={() => run([command], undefined)}>
          <code>{command}</code>
        </button>
      ))}
    </div>
  );
}

/** Begins once the frame is in sight and the page has nothing else to do, unless the reader saves data. */
function useStartAtRest(frame: React.RefObject<HTMLElement | null>, isWanted: boolean, begin: () => void): void {
  const latest = useRef(begin);
  latest.current = begin;
  useEffect(() => {
    const { connection } = navigator as { connection?: { saveData?: boolean } };
    if (!isWanted || connection?.saveData || !frame.current) return;
    let idle: number | undefined;
    const rest = (): void => {
      // Safari has no idle callback.
      idle = window.requestIdleCallback?.(() => latest.current()) ?? window.setTimeout(() => latest.current(), 200);
    };
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      rest();
    });
    observer.observe(frame.current);
    return () => {
      observer.disconnect();
      if (idle !== undefined) window.cancelIdleCallback?.(idle);
    };
  }, [frame, isWanted]);
}
