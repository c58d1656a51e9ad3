import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { ObjectRef } from '../../lab/page/protocol.ts';
import { isPlayground, playgroundPath } from '../../lab/playground.ts';
import type { LessonCluster } from '../../lab/playground.ts';
import { SessionClient } from './session-client.ts';
import type { SessionState } from './session-client.ts';

/** The cluster without tasks that the home page opens, and runnable blocks of a lesson that names no other. */
export const playground = playgroundPath(undefined);

interface StageValue {
  readonly client: SessionClient | undefined;
  readonly isShown: boolean;
  /** The terminal that has the reader's attention, by name. */
  readonly terminal: string | undefined;
  /** The object that is selected in every view. */
  readonly selected: ObjectRef | undefined;
  /** The page itself shows the playground, so that the stage does not. */
  readonly isInPage: boolean;
  /** Starts a lab's session, or shows the one that runs. `focus`: the reader asked for it and wants to type. */
  start(path: string, options?: { readonly focus?: boolean }): void;
  show(isShown: boolean): void;
  select(object: ObjectRef | undefined): void;
  focusTerminal(name: string): void;
  /**
   * Types lines into the open terminal, as the reader would; starts a cluster when there is none. A lesson that names a
   * cluster of its own gets that; any other is content with a lab that is open.
   */
  run(lines: readonly string[], cluster: LessonCluster | undefined): void;
  /** Whether a terminal that appears now should take the keyboard; asking uses it up. */
  takeFocus(): boolean;
  setInPage(isInPage: boolean): void;
}

const StageContext = createContext<StageValue | undefined>(undefined);

/** Where a tab remembers which session it had open, so that a reload shows it again. */
const openKey = 'open-lab';

/** Holds the session above the router, so that it stays while the reader moves between lessons. */
export function StageProvider({ children }: { readonly children: ReactNode }) {
  const [client, setClient] = useState<SessionClient>();
  const [isShown, show] = useState(false);
  const [terminal, focusTerminal] = useState<string>();
  const [selected, select] = useState<ObjectRef>();
  const [isInPage, setInPage] = useState(false);
  const running = useRef<SessionClient>(undefined);
  const wantsFocus = useRef(false);

  const start = useCallback((path: string, { focus = true } = {}) => {
    if (running.current?.getState().path !== path) {
      running.current?.dispose();
      setClient((running.current = new SessionClient(path)));
      focusTerminal(undefined);
      select(undefined);
    }
    wantsFocus.current = focus;
    show(true);
  }, []);

  const run = useCallback(
    (lines: readonly string[], cluster: LessonCluster | undefined) => {
      const open = running.current?.getState().path;
      const wanted = open !== undefined && !cluster && !isPlayground(open) ? open : playgroundPath(cluster);
      if (open === wanted) show(true);
      else start(wanted);
      running.current!.typeLines(open === wanted ? (terminal ?? '') : '', lines);
    },
    [start, terminal],
  );

  const takeFocus = useCallback(() => {
    const takes = wantsFocus.current;
    wantsFocus.current = false;
    return takes;
  }, []);

  useEffect(() => {
    const path = sessionStorage.getItem(openKey);
    if (path && path !== playground) start(path, { focus: false });
  }, [start]);

  const isOpen = client !== undefined && isShown && !(isInPage && client.getState().path === playground);
  useEffect(() => {
    document.documentElement.toggleAttribute('data-stage', isOpen);
    if (client) sessionStorage.setItem(openKey, client.getState().path);
  }, [client, isOpen]);

  const value = useMemo(
    () => ({ client, isShown, terminal, selected, isInPage, start, show, select, focusTerminal, run, takeFocus, setInPage }),
    [client, isShown, terminal, selected, isInPage, start, run, takeFocus],
  );
  return <StageContext.Provider value={value}>{children}</StageContext.Provider>;
}

export function useStage(): StageValue {
  const value = useContext(StageContext);
  if (!value) throw new Error('there is no stage here');
  return value;
}

const nothing = (): undefined => undefined;
const never = (): (() => void) => () => {};

/** What the running session last said; undefined while there is none. */
export function useSession(): SessionState | undefined {
  const { client } = useStage();
  return useSyncExternalStore<SessionState | undefined>(client?.subscribe ?? never, client?.getState ?? nothing, nothing);
}
