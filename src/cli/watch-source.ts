/** Runs something again whenever a file or folder changes, until it is told to end. */
import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from './usage-error.ts';

/** Editors write a file in several steps, some by way of another file. */
const settleMs = 100;

/**
 * A mistake in what is watched (a file that is gone for a moment, JSON that is half written) is told, and the next change awaited.
 * Resolves when `end` is aborted; a source that never was there throws at once.
 */
export async function watchSource(source: string, run: () => Promise<void>, end: AbortSignal): Promise<void> {
  if (!fs.existsSync(source)) throw new UsageError(`${source}: no such file or folder`);
  let wake: () => void = () => {};
  let isChanged = true;
  const changed = (): void => {
    isChanged = true;
    wake();
  };
  // A file is watched by its folder, since an editor may put a new one in its place.
  const isFolder = fs.statSync(source).isDirectory();
  const watcher = fs.watch(isFolder ? source : path.dirname(source), (_, name) => {
    if (isFolder || name === path.basename(source)) changed();
  });
  end.addEventListener('abort', () => wake());
  while (!end.aborted) {
    if (isChanged) {
      isChanged = false;
      await tell(run);
      process.stderr.write(`waiting for changes of ${source}; Ctrl-C ends\n`);
    } else {
      await new Promise<void>((resolve) => (wake = resolve));
      await new Promise((resolve) => setTimeout(resolve, settleMs));
    }
  }
  watcher.close();
}

async function tell(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`labs: ${error.message}\n`);
  }
}
