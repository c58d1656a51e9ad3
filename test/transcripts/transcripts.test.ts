/**
 * What learners type and what they see: each `NAME.sh` is run in a fresh cluster and compared with `NAME.txt`, line by line.
 * `npx vitest run test/transcripts -u` records them again; look at the differences before they are kept.
 *
 * A script shows no ages, addresses or other things that depend on the order of random draws; names made at random are
 * replaced here.
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { textOf } from '../../src/emulator/kernel/index.ts';
import type { ByteString } from '../../src/emulator/kernel/index.ts';
import { playground } from '../../src/lab/playground.ts';
import { startScript } from '../../src/lab/script.ts';
import { LabSession } from '../../src/lab/session.ts';

const folder = import.meta.dirname;
const limitMs = 3_600_000;

function play(text: string): string {
  const session = new LabSession(playground({ workers: 3, seed: 1 }));
  let shown = '';
  const running = startScript(session.cluster.kernel, session.cluster.machine('control-plane')!, {
    text,
    thinkMs: 1000,
    onOutput: (_stream, bytes) => (shown += bytes),
    onLine: (line) => (shown += `$ ${line}`),
  });
  while (running.exitCode === undefined && session.nowMs < limitMs) session.advance(session.nowMs + 1000);
  expect(running.exitCode, 'it ends').toBeDefined();
  return withoutRandom(textOf(shown as ByteString));
}

const withoutRandom = (text: string): string =>
  text
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<uid>')
    .replace(/-[0-9a-z]{7,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<hash>-<id>');

describe('transcripts', () => {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.sh'));

  test.each(names)('%s', async (name) => {
    const shown = play(fs.readFileSync(path.join(folder, name), 'utf8'));
    await expect(shown).toMatchFileSnapshot(path.join(folder, name.replace('.sh', '.txt')));
  });
});
