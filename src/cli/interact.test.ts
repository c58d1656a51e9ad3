import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { loadLab } from '../lab/generated/labs.ts';
import { LabSession } from '../lab/session.ts';
import { problemWith } from '../lab/submission.ts';
import { emulatorVersion } from '../lab/version.ts';
import { interact } from './interact.ts';
import type { Keyboard } from './interact.ts';

test.each([
  { name: 'of a size', size: { columns: 100, rows: 30 }, recorded: [100, 30] },
  { name: 'that tells no size', size: { columns: 0, rows: 0 }, recorded: [80, 24] },
])('a session in a terminal $name is recorded as the page records it, and replays', async ({ size, recorded }) => {
  const loaded = await loadLab('architecture/first-look');
  const keys = Object.assign(new EventEmitter(), { setRawMode: () => {}, pause: () => {} });
  const screen = Object.assign(new EventEmitter(), size);
  let shown = '';
  const session = new LabSession({ ...loaded, onOutput: (_terminal, bytes) => (shown += bytes) });
  const lines = ['kubectl create namespace tour\r', 'exit\r'];
  const typing = setInterval(() => {
    const line = session.isAtPrompt('control-plane') ? lines.shift() : undefined;
    if (line !== undefined) keys.emit('data', Buffer.from(line));
  }, 10);
  await interact(session, 'control-plane', { keyboard: keys as unknown as Keyboard, screen });
  clearInterval(typing);
  expect(shown).toContain('namespace/tour created');

  const submission = session.submission({ emulator: emulatorVersion, startedAt: '', help: { hints: [], solutionViewed: false } });
  expect(problemWith(submission, loaded.lab)).toBeUndefined();
  expect(submission.events.slice(0, 2)).toMatchObject([{ open: 'control-plane' }, { resize: recorded }]);
  let again = '';
  const replayed = new LabSession({ ...loaded, onOutput: (_terminal, bytes) => (again += bytes) });
  await replayed.replay(submission.events, submission.endedMs);
  expect(again).toBe(shown);
});
