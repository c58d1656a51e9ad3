/** Every command that a lesson offers to run is run, lesson by lesson, in a fresh cluster: the one that its front matter names. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readLessonCluster } from '../src/build/labs/read-lesson.ts';
import { textOf } from '../src/emulator/kernel/index.ts';
import { labSummaries } from '../src/lab/generated/labs.ts';
import { playground } from '../src/lab/playground.ts';
import { startScript } from '../src/lab/script.ts';
import { LabSession } from '../src/lab/session.ts';

interface Block {
  readonly commands: readonly string[];
  /** The lesson shows a refusal: each command must fail. */
  readonly fails: boolean;
}

function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```console run( fails)?\n([\s\S]*?)^```/gm)].map(([, fails, body]) => ({
    fails: fails !== undefined,
    commands: body!
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.slice(2)),
  }));
}

const lessons = fs
  .readdirSync('docs', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith('.mdx'))
  .map((entry) => path.join(entry.parentPath, entry.name))
  .sort();

const commandLimitMs = 10 * 60_000;

async function run(session: LabSession, command: string): Promise<{ readonly code: number | undefined; readonly output: string }> {
  let output = '';
  const machine = session.cluster.machine(session.lab.terminals[0]!)!;
  const running = startScript(session.cluster.kernel, machine, {
    text: `${command}\n`,
    thinkMs: 1000,
    onOutput: (_stream, bytes) => (output += textOf(bytes)),
  });
  const endMs = session.nowMs + commandLimitMs;
  while (running.exitCode === undefined && session.nowMs < endMs) await session.runTo(session.nowMs + 100);
  return { code: running.exitCode, output };
}

test.each(lessons)('%s: the labs that it offers are there', (lesson) => {
  const known = (labSummaries as readonly { path: string }[]).map(({ path }) => path);
  const offered = [...fs.readFileSync(lesson, 'utf8').matchAll(/<Lab path="([^"]*)"/g)].map(([, path]) => path);
  expect(known).toEqual(expect.arrayContaining(offered));
});

describe.each(lessons)('%s', (lesson) => {
  const blocks = blocksOf(fs.readFileSync(lesson, 'utf8'));
  test.runIf(blocks.length > 0)('its commands do what the text says', async () => {
    const cluster = readLessonCluster(lesson);
    const session = new LabSession(playground({ cluster }));
    for (const { commands, fails } of blocks) {
      for (const command of commands) {
        const { code, output } = await run(session, command);
        if (fails) expect(code, `${command}\n${output}`).not.toBe(0);
        else expect(code, `${command}\n${output}`).toBe(0);
      }
    }
  });
});
