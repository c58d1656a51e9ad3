/** What a lab needs before it can start, loaded while the reader still reads. */

/** Loads the terminal's script. */
export const loadTerminalPane = () => import('../terminal/TerminalPane.tsx');

const createWorker = (): Worker => new Worker(new URL('../../lab/page/worker.ts', import.meta.url), { type: 'module' });

/** A worker that has read its script and holds no session yet. */
let spare: Worker | undefined;

/** A worker for a session: the one that was made ready, or a new one. */
export function takeWorker(): Worker {
  const worker = spare ?? createWorker();
  spare = undefined;
  return worker;
}

/** Makes worker and terminal ready as soon as the browser has nothing else to do, unless the reader saves data. Returns the way to call it off. */
export function prepareWhenIdle(): () => void {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } };
  if (connection?.saveData) return () => {};
  const prepare = (): void => {
    spare ??= createWorker();
    void loadTerminalPane();
  };
  // Safari knows no idle callbacks.
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(prepare, 1000);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(prepare);
  return () => cancelIdleCallback(handle);
}
