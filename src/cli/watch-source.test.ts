import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { UsageError } from './usage-error.ts';
import { watchSource } from './watch-source.ts';

/** Watches a source and counts the runs; `change` writes a file, and resolves when a run has seen it. */
async function watching(source: string, file: string, fail?: () => void) {
  const end = new AbortController();
  const seen: string[] = [];
  const done = watchSource(
    source,
    async () => {
      seen.push(fs.readFileSync(file, 'utf8'));
      fail?.();
    },
    end.signal,
  );
  const change = (text: string): Promise<unknown> => {
    fs.writeFileSync(file, text);
    return vi.waitFor(() => expect(seen.at(-1)).toBe(text), { timeout: 5000 });
  };
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0));
  const stop = (): Promise<void> => {
    end.abort();
    return done;
  };
  return { seen, change, stop };
}

const folder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'labs-watch-'));

test.each([
  { name: 'a file', of: (file: string) => file },
  { name: 'a folder', of: (file: string) => path.dirname(file) },
])('$name is looked at again when it changes, until the end', async ({ of }) => {
  const file = path.join(folder(), 'solution.sh');
  fs.writeFileSync(file, 'one');
  const watched = await watching(of(file), file);
  await watched.change('two');
  await watched.change('three');
  await watched.stop();
  expect(watched.seen[0]).toBe('one');
});

test('a mistake in it is told, and the next change awaited', async () => {
  const file = path.join(folder(), 'submission.json');
  fs.writeFileSync(file, '{');
  const watched = await watching(file, file, () => {
    throw new UsageError('not JSON');
  });
  await watched.change('{}');
  await watched.stop();
});

test('what is not there cannot be watched', async () => {
  await expect(watchSource('/nowhere/at-all', async () => {}, new AbortController().signal)).rejects.toThrow(/no such file or folder/);
});
