/** `labs serve` as a process: its flags, its files, its signals. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleLabs, LabsProcess } from './labs-command.ts';

let labs: string;
let home: string;

beforeAll(async () => {
  labs = await bundleLabs();
  home = mkdtempSync(join(tmpdir(), 'serve-'));
});

afterAll(() => {
  for (const folder of [dirname(labs), home]) rmSync(folder, { recursive: true });
});

const start = (...args: string[]): LabsProcess => new LabsProcess(labs, ['serve', ...args], home);

describe('what is refused, with one line and exit code 2', () => {
  test.each([
    { name: 'a speed', args: ['--speed', '3'], want: 'labs: --speed 3: not 1, 10 or max\n' },
    { name: 'a port', args: ['--port', '70000'], want: 'labs: --port 70000: not a whole number from 0 to 65535\n' },
    { name: 'a lab', args: ['nope/none'], want: 'labs: nope/none: there is no such lab; see `labs list`\n' },
    { name: 'a flag', args: ['--bogus'], want: "labs: unknown option '--bogus'\n" },
  ])('$name that does not exist', async ({ args, want }) => {
    const { ended, ...process } = await finished(start(...args));
    expect(process).toEqual({ out: '', err: want });
    expect(ended).toBe(2);
  });

  test('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { ended, err } = await finished(start('--nodes', '0', '--port', String(port), '--kubeconfig', 'taken'));
    other.close();
    expect([ended, err]).toEqual([2, `labs: --port ${port}: something else listens there; 0 takes any free port\n`]);
  });

  test('a kubeconfig of someone else, which stays as it is', async () => {
    writeFileSync(join(home, 'mine'), 'apiVersion: v1\n');
    const { ended, err } = await finished(start('--kubeconfig', 'mine'));
    expect([ended, err]).toEqual([2, 'labs: mine: exists and was not written by labs serve; name another file with --kubeconfig\n']);
    expect(readFileSync(join(home, 'mine'), 'utf8')).toBe('apiVersion: v1\n');
  });
});

async function finished(process: LabsProcess): Promise<{ ended: number | null; out: string; err: string }> {
  const ended = await process.ended;
  return { ended, out: process.out, err: process.err };
}

test('serves, takes directives, keeps secrets to itself and ends on a signal', async () => {
  const process = start('--nodes', '1', '--port', '0', '--kubeconfig', 'config', '--stdin-commands', '--seed', '5');
  await process.shows(/kubeconfig: /);
  const path = join(home, 'config');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const config = new KubeConfig();
  config.loadFromFile(path);
  const core = config.makeApiClient(CoreV1Api);
  const readyOf = async (): Promise<string | undefined> =>
    (await core.readNode({ name: 'node-1' })).status!.conditions!.find(({ type }) => type === 'Ready')!.status;
  expect(await readyOf()).toBe('True');

  process.write('power off node-1\nadvance 2m\n');
  await process.shows(/ok\nok \d{4}-.*Z\n/);
  expect(await readyOf()).toBe('Unknown');
  process.write('power on node-1\nsettle\npower up\nfly\n');
  await process.shows(/error unknown/);
  expect(process.out).toContain('error power takes on or off, and a node\nerror unknown directive "fly"');
  expect(await readyOf()).toBe('True');

  process.write('fault cordoned node=node-1\nfault cordoned node=node-7\nfaults\n');
  await process.shows(
    /error cordoned: node: there is no machine node-7; there are control-plane, node-1\nok kubelet-stopped node= enabled=; .*\n/,
  );
  expect((await core.readNode({ name: 'node-1' })).spec!.unschedulable).toBe(true);

  const secret = 'x0-very-secret-token';
  const { server } = config.getCurrentCluster()!;
  const stranger = new KubeConfig();
  stranger.loadFromClusterAndUser({ ...config.getCurrentCluster()!, name: 'c', server }, { name: 'u', token: secret });
  await expect(stranger.makeApiClient(CoreV1Api).listNode()).rejects.toMatchObject({ code: 401 });

  // One signal: a second one would end the process before it has said farewell to its clients.
  const watchEnded = new Promise<void>((resolve) => {
    void new Watch(config).watch(
      '/api/v1/namespaces',
      { fieldSelector: 'metadata.name=default' },
      () => process.signal('SIGTERM'),
      () => resolve(),
    );
  });
  await watchEnded;
  expect(await process.ended).toBe(0);
  expect(process.err).toBe('');
  const user = config.getCurrentUser()!;
  for (const hidden of [secret, user.keyData!, Buffer.from(user.keyData!, 'base64').toString()]) expect(process.out).not.toContain(hidden);

  // Its own file it may write over.
  const again = start('--nodes', '0', '--port', '0', '--kubeconfig', 'config');
  await again.shows(/kubeconfig: /);
  again.signal('SIGINT');
  expect(await again.ended).toBe(0);
});
