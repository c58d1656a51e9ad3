/** What the page hands in: recorded in a real browser, replayed in Node, and as a class code wants it. */
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeClass } from '../../src/lab/class-code.ts';
import { labSummaries, loadLab } from '../../src/lab/generated/labs.ts';
import { gradeLab } from '../../src/lab/grading/grade-lab.ts';
import type { Recording } from '../../src/lab/recording.ts';
import { LabSession } from '../../src/lab/session.ts';
import type { Submission } from '../../src/lab/submission.ts';
import { hashTrace } from '../../src/lab/trace-hash.ts';
import type { WatchedPage } from './browser.ts';
import { startLab, typeCommand } from './lab-page.ts';
import { describeInBrowser } from './suite.ts';

const lesson = '/docs/architecture/parts-of-a-cluster';
const lab = 'architecture/first-look';
const paths = (labSummaries as readonly { path: string }[]).map(({ path }) => path);

describeInBrowser('what is handed in', (open) => {
  describe('is the same session in Node, to the last record of its trace', () => {
    let opened: WatchedPage;
    let script: string;
    beforeAll(async () => {
      opened = await open();
      const worker = opened.page.waitForEvent('worker');
      await opened.page.goto('/');
      script = (await worker).url();
    });
    afterAll(() => opened.close());

    test.each(paths)('%s', async (path) => {
      const { recording } = (await opened.page.evaluate(
        ([url, name]) =>
          new Promise<unknown>((resolve) => {
            const worker = new Worker(url!);
            worker.onmessage = ({ data }) => {
              worker.terminate();
              resolve(data);
            };
            worker.onerror = ({ message }) => resolve(message);
            worker.postMessage({ type: 'record-solution', lab: name });
          }),
        [script, path],
      )) as { recording: Recording };
      const loaded = await loadLab(path);
      expect(recording.green).toEqual(loaded.lab.tasks.map(({ id }) => id));
      const { seed, events, endedMs } = recording.submission;
      const session = new LabSession({ ...loaded, seed });
      const hash = hashTrace(session.cluster.kernel.trace);
      await session.replay(events, endedMs);
      expect({ value: hash.value, records: hash.records }).toEqual(recording.trace);
    });
  });

  test('by a class has the seed of the class, and its points stand on the page', async () => {
    const code = encodeClass({ lab, seed: 77, points: { hello: 40 } });
    const { page, faults, close } = await open();
    await page.goto(`${lesson}?class=${code}`);
    const card = page.locator(`[data-lab="${lab}"]`);
    await card.getByText('45 points').waitFor();
    await card.getByText('hand that file in').waitFor();
    await startLab(page);
    await typeCommand(page, 'kubectl create namespace tour; kubectl run hello -n tour --image=nginx:1.29');
    const [download] = await Promise.all([page.waitForEvent('download'), card.getByRole('button', { name: 'Export submission' }).click()]);
    const submission = JSON.parse(fs.readFileSync(await download.path(), 'utf8')) as Submission;
    expect(submission.seed).toBe(77);
    const result = await gradeLab(await loadLab(lab), { kind: 'submission', file: 'x', submission }, undefined, 77);
    expect(result.earned).toBe(2);
    expect(faults).toEqual([]);
    await close();
  });
});
