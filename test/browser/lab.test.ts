/** A lab as a learner does it, in a real browser: by typing, from the first click to the last green task. */
import fs from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { problemWith } from '../../src/lab/submission.ts';
import type { Submission } from '../../src/lab/submission.ts';
import { loadLab } from '../../src/lab/generated/labs.ts';
import { pressByKeyboard, screen, startLab, typeCommand, waitForPrompt, waitForScreen, waitForTask, waitUntilKept } from './lab-page.ts';
import { describeInBrowser } from './suite.ts';

const lesson = '/docs/architecture/parts-of-a-cluster';
const lab = 'architecture/first-look';

/** The name of the element that has the keyboard. */
const focusedTag = (page: Page): Promise<string | undefined> => page.evaluate(() => document.activeElement?.className);

describeInBrowser('a lab in the browser', (open) => {
  test('is done by keyboard alone: a watch ended, a file edited, a shell in a Pod, a reload in the middle', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await pressByKeyboard(page, /^Start the lab$/);
    await waitForPrompt(page);
    expect(await focusedTag(page)).toContain('xterm');

    await page.keyboard.type('kubectl get pods -n kube-system -o wide -w\n');
    await waitForScreen(page, /kube-scheduler-control-plane +1\/1/);
    await page.keyboard.press('Control+c');
    await waitForScreen(page, /\^C\n.*# ?$/);

    await typeCommand(page, 'clear; kubectl create configmap findings --from-literal=scheduler=elsewhere --from-literal=dns=10.96.0.10');
    await page.keyboard.press('F6');
    await pressByKeyboard(page, /^To the text$/);
    await pressByKeyboard(page, /^Check my work$/);
    await page.getByText('kubectl get pods -n kube-system -o wide', { exact: false }).first().waitFor();
    await page.locator('[data-task="findings"] [class*=found]').getByText('scheduler').first().waitFor();

    await pressByKeyboard(page, /^Type in the terminal$/);
    await page.keyboard.type('kubectl edit configmap findings\n');
    await waitForScreen(page, /scheduler: elsewhere/);
    await page.keyboard.type('/elsewhere\n');
    await page.keyboard.type('cwcontrol-plane');
    await page.keyboard.press('Escape');
    await page.keyboard.type(':wq\n');
    await waitForScreen(page, /configmap\/findings edited/);
    await waitForTask(page, 'findings', 'green');

    await waitUntilKept(page, lab, ':wq\r');
    await page.reload();
    await waitForScreen(page, /configmap\/findings edited/);
    await waitForTask(page, 'findings', 'green');
    await waitForTask(page, 'visited', 'waiting');

    await pressByKeyboard(page, /^Type in the terminal$/);
    await typeCommand(page, 'clear; kubectl create namespace tour');
    await typeCommand(page, 'sleep 1; kubectl run hello -n tour --image=nginx:1.29');
    await typeCommand(page, 'kubectl wait -n tour --for=condition=Ready pod/hello');
    await page.keyboard.type('kubectl exec -it -n tour hello -- sh\n');
    await waitForScreen(page, /\n# ?$/);
    await page.keyboard.type('hostname\n');
    await waitForScreen(page, /# hostname\nhello\n# ?$/);
    await page.keyboard.type('exit\n');
    await waitForScreen(page, /root@control-plane:~# ?$/);
    await waitForTask(page, 'hello', 'green');
    await typeCommand(page, 'kubectl label node $(kubectl get pod -n tour hello -o jsonpath={.spec.nodeName}) tour=visited');
    await waitForTask(page, 'visited', 'green');
    await page.getByRole('heading', { name: 'What happened inside' }).waitFor();
    expect(await page.getByText('3 of 3 tasks').isVisible()).toBe(true);
    expect(faults).toEqual([]);
    await close();
  });

  test('blocks of the lesson are typed into it, undo and reset go back, a submission can be taken home', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await page.getByRole('button', { name: 'Type into the terminal' }).first().click();
    await waitForScreen(page, /kube-scheduler-control-plane[^$]*# ?$/);
    await page.locator('.xterm-helper-textarea').focus();
    await typeCommand(page, 'kubectl create namespace tour');
    const card = page.locator(`[data-lab="${lab}"]`);
    await card
      .getByRole('button', { name: /^Hint 1/ })
      .first()
      .click();
    const [download] = await Promise.all([page.waitForEvent('download'), card.getByRole('button', { name: 'Export submission' }).click()]);
    const submission = JSON.parse(fs.readFileSync(await download.path(), 'utf8'));
    expect(problemWith(submission, (await loadLab(lab)).lab)).toBeUndefined();
    const typed = (submission as Submission).events.map((event) => ('input' in event ? event.input : '')).join('');
    expect(typed).toContain('kubectl create namespace tour\r');
    expect((submission as Submission).help.hints).toEqual(['findings/1']);

    await card.getByRole('button', { name: 'Undo to the start of this task' }).first().click();
    await waitForScreen(page, /^root@control-plane:~# ?$/);
    await card.getByRole('button', { name: 'Show the solution' }).click();
    await card.getByRole('button', { name: 'Yes' }).click();
    await page.getByRole('dialog').getByText('kubectl label node').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await card.getByRole('button', { name: 'Begin again' }).click();
    await card.getByRole('button', { name: 'Yes' }).click();
    await waitForScreen(page, /^root@control-plane:~# ?$/);
    expect(faults).toEqual([]);
    await close();
  });

  test('a session stays while the reader goes to another lesson', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await page.keyboard.type('echo still he""re\n');
    await waitForScreen(page, /still here/);
    await page.getByRole('link', { name: /^Next/ }).click();
    await page.waitForURL(/a-request/);
    expect(await screen(page)).toContain('still here');
    expect(faults).toEqual([]);
    await close();
  });

  test('a record of another version gives a fresh session with the learner’s files, and says so', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await typeCommand(page, 'echo mine > notes.txt');
    await waitUntilKept(page, lab, 'notes.txt\r', '/root/notes.txt');
    await page.evaluate(
      (key) =>
        new Promise<void>((resolve) => {
          const open = indexedDB.open('keyval-store');
          open.onsuccess = () => {
            const store = open.result.transaction('keyval', 'readwrite').objectStore('keyval');
            const get = store.get(key);
            get.onsuccess = () => {
              const kept = { ...get.result, submission: { ...get.result.submission, emulator: '0.0.0' } };
              store.put(kept, key).onsuccess = () => resolve();
            };
          };
        }),
      `lab:${lab}`,
    );
    await page.reload();
    await page.getByText('with your files: /root/notes.txt').waitFor();
    await waitForPrompt(page);
    await page.locator('.xterm-helper-textarea').focus();
    await page.keyboard.type('cat notes.txt\n');
    await waitForScreen(page, /\nmine\n/);
    expect(faults).toEqual([]);
    await close();
  });

  test('a program that prints without end can be stopped', async () => {
    const { page, faults, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await page.keyboard.type('yes\n');
    await waitForScreen(page, /y\ny\ny/);
    await page.waitForTimeout(1000);
    await page.keyboard.press('Control+c');
    await waitForScreen(page, /\^C\n.*# ?$/);
    await page.keyboard.type('while true; do :; done\n');
    await page.waitForTimeout(500);
    await page.keyboard.press('Control+c');
    await waitForScreen(page, /\^C\n.*# ?$/);
    expect(faults).toEqual([]);
    await close();
  });

  test('a session that is stuck inside the browser is stopped and said, and a reload goes on', async () => {
    const { page, close } = await open();
    await page.goto(lesson);
    await startLab(page);
    await typeCommand(page, 'kubectl create namespace tour');
    await waitUntilKept(page, lab, 'tour\r');
    await page.keyboard.type(`[[ ${'a'.repeat(60)} =~ (a+)+b ]]\n`);
    await page.getByRole('alert').getByText('has not answered').waitFor();
    await page.reload();
    // What was kept of the line that was fatal is there again; how much that is depends on the machine.
    await waitForScreen(page, /namespace\/tour created\n.*~#/);
    await page.locator('.xterm').click();
    await page.keyboard.press('Control+c');
    await waitForPrompt(page);
    await typeCommand(page, 'kubectl get namespace tour');
    expect(await screen(page)).toContain('tour   Active');
    await close();
  });

  test("a learner's script runs in the page, in an interpreter that comes when it is wanted", async () => {
    const { page, faults, close } = await open();
    const modules: string[] = [];
    page.context().on('request', (request) => void (request.url().endsWith('.wasm') && modules.push(request.url())));
    await page.goto('/docs/scheduling/your-own-scheduler');
    await page.locator('[data-lab="scheduling/score-plugin"]').getByRole('button', { name: 'Start the lab' }).click();
    await waitForPrompt(page);
    expect(modules).toEqual([]);
    await typeCommand(page, 'kubectl scale deployment errands -n shop --replicas=1');
    await typeCommand(page, "sed -i 's/return .*/return 50;/' scheduler/score.js; kubectl apply -k scheduler");
    await waitForTask(page, 'running', 'green');
    expect(faults).toEqual([]);
    await close();
  });
});
