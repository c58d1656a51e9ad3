/** What a learner does with keys: interrupt, complete, search the history, work in a container, edit an object. */
import { expect, test } from 'vitest';
import { textOf } from '../../src/emulator/kernel/index.ts';
import { playground } from '../../src/lab/playground.ts';
import { LabSession } from '../../src/lab/session.ts';
import { TestScreen } from '../../src/terminal/test-screen.ts';

const terminal = 'control-plane';

async function openTerminal() {
  const screen = new TestScreen(100);
  const session = new LabSession({ ...playground({ workers: 2, seed: 3 }), onOutput: (_terminal, bytes) => screen.write(textOf(bytes)) });
  session.put({ terminal, open: terminal });
  await session.runTo(500);
  /** Types and gives what the screen shows from the cursor's row on. */
  const type = async (keys: string, forMs = 2000): Promise<string> => {
    const before = screen.row;
    session.put({ terminal, input: keys });
    await session.runTo(session.nowMs + forMs);
    return screen.text.split('\n').slice(before).join('\n');
  };
  return { session, type };
}

test('interrupts, completion, history', async () => {
  const { type } = await openTerminal();
  await type('kubectl create deployment web --image=nginx\r', 8000);
  expect(await type('kubectl get pods -w\r')).toMatch(/NAME .*\nweb-\S+ +1\/1 +Running/);
  expect(await type('\x03')).toMatch(/\^C\nroot@control-plane:~#$/);
  expect(await type('echo $?\r')).toContain('\n130\n');
  expect(await type('kubectl get deploym\tw\t\r')).toMatch(/kubectl get deployments\.apps web\s*\nNAME +READY[^\n]*\nweb +1\/1/);
  expect(await type('kubectl -n kube-s\tget pods kube-sch\t\r')).toContain('kube-scheduler-control-plane   1/1     Running');
  expect(await type('kubectl rollout \t\t')).toContain('history  pause    restart  resume   status   undo');
  expect(await type('\x15\x12$?\r')).toContain('echo $?\n0\n');
});

test('a shell in a container', async () => {
  const { session, type } = await openTerminal();
  await type('kubectl create deployment web --image=nginx\r', 8000);
  expect(await type('kubectl exec -it deploy/web -- sh\r')).toMatch(/\n#$/);
  expect(await type('hostname\r')).toMatch(/\nweb-\S+\n#$/);
  await type('sleep 100\r');
  session.put({ terminal, resize: [60, 10] });
  expect(await type('\x03')).toMatch(/\^C\n#$/);
  expect(await type('cat\rabc\r\x04')).toContain('abc\nabc\n#');
  expect(await type('exit 3\r')).toContain('command terminated with exit code 3\nroot@control-plane:~#');
  expect(await type('kubectl run -it --rm once --image=busybox -- sh\r', 8000)).toContain(
    "If you don't see a command prompt, try pressing enter.",
  );
  expect(await type('exit\r', 5000)).toContain('pod "once" deleted from default namespace');
});

test('an object is edited with vi', async () => {
  const { type } = await openTerminal();
  await type('kubectl create deployment web --image=nginx\r', 8000);
  await type('kubectl edit deploy web\r');
  await type('/replicas\rwwcw4\x1b:wq\r', 8000);
  expect(await type('kubectl get deploy web\r')).toMatch(/web +4\/4/);
  await type('kubectl edit deploy web\r');
  expect(await type(':q!\r')).toContain('Edit cancelled, no changes made.');
  await type('kubectl edit deploy web\r');
  expect(await type('/replicas\rwwcwmany\x1b:wq\r')).toContain(
    '# deployments.apps "web" could not be patched: Deployment in version "v1" cannot',
  );
  expect(await type(':q!\r')).toMatch(/error: Edit cancelled, no valid changes were saved\./);
});
