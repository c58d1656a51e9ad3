/** A session's terminal in a real terminal: keys go in, the clock follows the real one, until the shell ends or Ctrl-] is pressed. */
import type { LabSession } from '../lab/session.ts';
import type { Guide } from './guide.ts';

const tickMs = 20;
/** Leaves the terminal, whatever runs in it: Ctrl-]. */
const leaveKey = 0x1d;

/** What is needed of standard input. */
export interface Keyboard {
  setRawMode(isRaw: boolean): unknown;
  on(event: 'data', listener: (data: Buffer) => void): unknown;
  pause(): unknown;
}

/** What is needed of standard output; `session` writes to it by itself. */
export interface Screen {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  on(event: 'resize', listener: () => void): unknown;
}

export async function interact(
  session: LabSession,
  machine: string,
  { keyboard, screen, guide }: { readonly keyboard: Keyboard; readonly screen: Screen; readonly guide?: Guide | undefined },
): Promise<void> {
  // A terminal without a size (that of a script, say) tells 0.
  const resize = (): void => session.put({ terminal: machine, resize: [screen.columns || 80, screen.rows || 24] });
  session.put({ terminal: machine, open: machine });
  resize();
  keyboard.setRawMode(true);
  screen.on('resize', resize);
  let isLeaving = false;
  keyboard.on('data', (data) => {
    if (data.includes(leaveKey)) isLeaving = true;
    else if (!guide?.takes(data.toString('utf8'))) session.put({ terminal: machine, input: data.toString('utf8') });
  });
  try {
    for (let last = performance.now(); !isLeaving && !session.hasEnded(machine); ) {
      await new Promise((resolve) => setTimeout(resolve, tickMs));
      const now = performance.now();
      await session.runTo(session.nowMs + Math.max(1, Math.round(now - last)));
      last = now;
    }
  } finally {
    keyboard.setRawMode(false);
    keyboard.pause();
  }
}
