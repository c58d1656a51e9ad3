import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { ObjectRef } from '../../lab/page/protocol.ts';
import { SessionClient } from './session-client.ts';
import type { SessionState } from './session-client.ts';

interface StageValue {
  readonly client: SessionClient | undefined;
  readonly isShown: boolean;
  /** The terminal that has the reader's attention, by name. */
  readonly terminal: string | undefined;
  /** The object that is selected in every view. */
  readonly selected: ObjectRef | undefined;
  /** Starts a lab's session, or shows the one that runs. */
  start(path: string): void;
  show(isShown: boolean): void;
  select(object: ObjectRef | undefined): void;
  focusTerminal(name: string): void;
  /** Types lines into the open terminal, as the reader would. Returns false when there is none. */
  run(lines: readonly string[]): boolean;
}

const StageContext = createContext<StageValue | undefined>(undefined);

/** Holds the session above the router, so that it stays while the reader moves between lessons. */
export function StageProvider({ children }: { readonly children: ReactNode }) {
  const [client, setClient] = useState<SessionClient>();
  const [isShown, setShown] = useState(false);
  const [terminal, setTerminal] = useState<string>();
  const [selected, select] = useState<ObjectRef>();

  const start = useCallback((path: string) => {
    setClient((current) => {
      if (current?.getState().path === path) return current;
      current?.dispose();
      return new SessionClient(path);
    });
    setTerminal(undefined);
    select(undefined);
    setShown(true);
  }, []);

  const run = useCallback(
    (lines: readonly string[]) => {
      const name = terminal ?? client?.getState().terminals[0]?.name;
      if (!client || name === undefined) return false;
      client.typeLines(name, lines);
      setShown(true);
      return true;
    },
    [client, terminal],
  );

  useEffect(() => {
    document.documentElement.toggleAttribute('data-stage', client !== undefined && isShown);
  }, [client, isShown]);

  const value = useMemo(
    () => ({ client, isShown, terminal, selected, start, show: setShown, select, focusTerminal: setTerminal, run }),
    [client, isShown, terminal, selected, start, run],
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
