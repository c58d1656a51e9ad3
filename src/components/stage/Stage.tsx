import BrowserOnly from '@docusaurus/BrowserOnly';
import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { Suspense, lazy, useEffect, useRef, useState } from 'react';
import FilesView from '../editor/FilesView.tsx';
import AccessView from '../views/AccessView.tsx';
import ClusterView from '../views/ClusterView.tsx';
import NetworkView from '../views/NetworkView.tsx';
import ObjectPanel from '../views/ObjectPanel.tsx';
import RequestsView from '../views/RequestsView.tsx';
import WhyPanel from '../views/WhyPanel.tsx';
import ClockBar from './ClockBar.tsx';
import Splitter from './Splitter.tsx';
import Notices from './Notices.tsx';
import { loadTerminalPane } from './prepare.ts';
import styles from './stage.module.css';
import { playground, useSession, useStage } from './StageContext.tsx';
import TabList from './TabList.tsx';
import TerminalTabs from './TerminalTabs.tsx';

const TerminalPane = lazy(loadTerminalPane);

type View = 'cluster' | 'requests' | 'network' | 'access' | 'why' | 'files';
type PhonePane = 'text' | 'cluster' | 'terminal';

/** The live half of the page: clock, views and terminals of the session that runs. */
export default function Stage() {
  return <BrowserOnly>{() => <OpenStage />}</BrowserOnly>;
}

function OpenStage() {
  const { client, isShown, isInPage, show } = useStage();
  const session = useSession();
  const [pane, setPane] = useState<'cluster' | 'terminal'>('terminal');
  if (!client || !session || (isInPage && session.path === playground)) return null;
  const onPane = (next: PhonePane): void => {
    if (next !== 'text') setPane(next);
    show(next !== 'text');
  };
  return (
    <>
      <section
        className={clsx(styles.stage, !isShown && styles.hidden)}
        data-pane={pane}
        data-status={session.status}
        aria-label={translate({ id: 'stage.label', message: 'The live cluster' })}
        inert={!isShown}
      >
        <Splitter divides="text" />
        <Splitter divides="terminal" />
        <ClockBar onClose={() => show(false)} />
        <Notices />
        <div className={styles.views}>
          <Views />
        </div>
        <div className={styles.terminals}>
          <Terminals />
        </div>
      </section>
      {!isShown && (
        <button type="button" className={styles.opener} onClick={() => show(true)}>
          {translate({ id: 'stage.open', message: 'Show the live cluster' })}
        </button>
      )}
      <PhoneTabs pane={isShown ? pane : 'text'} onPane={onPane} />
    </>
  );
}

function Views() {
  const [wanted, setView] = useState<View>('cluster');
  const [file, setFile] = useState<string>();
  const { client, selected } = useStage();
  const edit = (name: string, content: string): void => {
    const path = `/root/${name}`;
    client!.send({ type: 'write-file', path, content });
    setFile(path);
    setView('files');
  };
  // Only of Pods is there a why to tell so far.
  const explained = selected?.resource === 'pods' ? selected : undefined;
  const view = wanted === 'why' && !explained ? 'cluster' : wanted;
  const tabs: readonly { readonly id: View; readonly label: string }[] = [
    { id: 'cluster', label: translate({ id: 'stage.cluster', message: 'Cluster' }) },
    { id: 'requests', label: translate({ id: 'stage.requests', message: 'Requests' }) },
    { id: 'network', label: translate({ id: 'stage.network', message: 'Network' }) },
    { id: 'access', label: translate({ id: 'stage.access', message: 'Access' }) },
    ...(explained ? [{ id: 'why', label: translate({ id: 'stage.why', message: 'Why' }) } as const] : []),
    { id: 'files', label: translate({ id: 'stage.files', message: 'Files' }) },
  ];
  return (
    <>
      <TabList
        id="views"
        label={translate({ id: 'stage.views', message: 'Views of the cluster' })}
        tabs={tabs}
        active={view}
        onSelect={setView}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <div className={styles.view} role="tabpanel" id={`views-panel-${view}`} aria-labelledby={`views-tab-${view}`} tabIndex={0}>
        {view === 'cluster' && <ClusterView />}
        {view === 'requests' && <RequestsView />}
        {view === 'network' && <NetworkView />}
        {view === 'access' && <AccessView />}
        {view === 'why' && explained && <WhyPanel object={explained} />}
        {view === 'files' && <FilesView path={file} onPath={setFile} />}
      </div>
      {selected && view !== 'files' && view !== 'why' && <ObjectPanel object={selected} onEdit={edit} />}
    </>
  );
}

function Terminals() {
  const { client, terminal, focusTerminal } = useStage();
  const session = useSession()!;
  const active = terminal ?? session.terminals[0]?.name;
  return (
    <>
      <TerminalTabs active={active} onSelect={focusTerminal} />
      <div className={styles.terminalPanes}>
        {session.terminals.map(({ name }) => (
          <div
            key={`${session.generation}-${name}`}
            className={styles.terminalPane}
            hidden={name !== active}
            role="tabpanel"
            id={`terminals-panel-${name}`}
            aria-labelledby={`terminals-tab-${name}`}
          >
            <Suspense>
              <TerminalPane client={client!} name={name} isActive={name === active} />
            </Suspense>
          </div>
        ))}
        {session.status === 'starting' && (
          <p className={styles.starting}>{translate({ id: 'stage.starting', message: 'Starting the cluster …' })}</p>
        )}
      </div>
    </>
  );
}

function PhoneTabs({ pane, onPane }: { readonly pane: PhonePane; readonly onPane: (pane: PhonePane) => void }) {
  const ref = useRef<HTMLElement>(null);
  const panes = [
    { id: 'text', label: translate({ id: 'stage.text', message: 'Text' }) },
    { id: 'cluster', label: translate({ id: 'stage.cluster', message: 'Cluster' }) },
    { id: 'terminal', label: translate({ id: 'stage.terminal', message: 'Terminal' }) },
  ] as const;
  useEffect(() => {
    document.documentElement.style.setProperty('--phone-tabs-height', `${ref.current?.offsetHeight ?? 0}px`);
  }, []);
  return (
    <nav ref={ref} className={styles.phoneTabs} aria-label={translate({ id: 'stage.panes', message: 'Text, cluster or terminal' })}>
      {panes.map(({ id, label }) => (
        <button key={id} type="button" aria-current={pane === id} onClick={() => onPane(id)}>
          {label}
        </button>
      ))}
    </nav>
  );
}
