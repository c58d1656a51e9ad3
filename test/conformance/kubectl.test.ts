/**
 * The real kubectl against the emulated API server over plain HTTP, and ours inside the emulator on an identical cluster:
 * both must print the same and exit alike. What cannot be equal is normalised in one place, each with its reason.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HttpAdapter } from '../../src/cli/http-adapter.ts';
import { serveHttp } from '../../src/cli/http-adapter.ts';
import { utf8 } from '../../src/emulator/kernel/index.ts';
import type { TestCluster } from '../../src/terminal/kubectl/testing.ts';
import { createTestCluster, testKubeconfig } from '../../src/terminal/kubectl/testing.ts';
import { programs } from '../../src/terminal/shell/programs/index.ts';
import { areas } from './areas/index.ts';

interface Result {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
}

/** kubectl 1.33 or any kubectl, on the PATH or beside where a kubectl of the PATH really lies. */
function findKubectl(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter);
  const besides = directories
    .map((directory) => join(directory, 'kubectl'))
    .filter(existsSync)
    .map((path) => dirname(realpathSync(path)));
  for (const name of ['kubectl.1.33', 'kubectl']) {
    for (const directory of [...directories, ...besides]) if (existsSync(join(directory, name))) return join(directory, name);
  }
  return undefined;
}

const kubectlPath = findKubectl();
if (kubectlPath === undefined) console.warn('kubectl is not installed: the comparison with the real one is skipped');

/** Splits a line at blanks that stand outside single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map((match) => match[0].replaceAll("'", ''));
}

describe.skipIf(kubectlPath === undefined).each(areas)('the real kubectl: $name', ({ files, commands }) => {
  let theirs: TestCluster;
  let ours: TestCluster;
  let adapter: HttpAdapter;
  let home: string;

  beforeAll(async () => {
    ours = createTestCluster({ programs });
    theirs = createTestCluster();
    adapter = await serveHttp({ kernel: theirs.control.kernel, handler: theirs.control.endpoint.http, peer: theirs.peer });
    home = mkdtempSync(join(tmpdir(), 'kubectl-'));
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(home, name), text);
      ours.machine.fs.writeFile(`/root/${name}`, utf8(text));
    }
    writeFileSync(join(home, 'config'), testKubeconfig.replace('https://172.18.0.2:6443', adapter.url));
  });

  afterAll(async () => {
    await adapter.close();
    rmSync(home, { recursive: true });
  });

  /**
   * The generators of `create` and `run` send protobuf, which the emulated server does not speak: the real ones are asked for
   * the object, which then goes in by `create -f`.
   */
  async function runReal(args: readonly string[]): Promise<Result> {
    const isGenerator = (args[0] === 'create' && !args.includes('-f')) || args[0] === 'run';
    if (!isGenerator || args.some((arg) => arg.startsWith('--dry-run'))) return runProcess(args);
    const object = await runProcess([...args, '--dry-run=client', '-o', 'json']);
    return object.code === 0 ? runProcess(['create', '-f', '-', '--validate=ignore'], object.out) : object;
  }

  function runProcess(args: readonly string[], stdin = ''): Promise<Result> {
    return new Promise((resolve) => {
      const child = spawn(kubectlPath!, args, { cwd: home, env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: join(home, 'config') } });
      let [out, err] = ['', ''];
      child.stdout.on('data', (data: Buffer) => void (out += data.toString()));
      child.stderr.on('data', (data: Buffer) => void (err += data.toString()));
      child.stdin.on('error', () => {}); // It may end without reading.
      child.stdin.end(stdin);
      child.on('close', (code) => resolve({ out, err, code }));
    });
  }

  /** Both clusters stand at the same moment, one second on, before each command. */
  function advanceBoth(): void {
    const next = Math.max(ours.control.kernel.loop.now, theirs.control.kernel.loop.now) + 1000;
    const second = Math.ceil(next / 1000) * 1000;
    for (const cluster of [ours, theirs]) cluster.control.kernel.loop.run({ untilMs: second });
  }

  test.each(commands.map((line, i) => ({ name: `${i + 1}: ${line}`, line })))('$name', async ({ line }) => {
    advanceBoth();
    const real = await runReal(words(line));
    const emulated = ours.kubectl(words(line));
    expect(normalise(emulated, 'https://172.18.0.2:6443')).toEqual(normalise(real, adapter.url));
  });
});

function normalise({ out, err, code }: Result, server: string): Result {
  const clean = (text: string): string =>
    text
      .replaceAll(server, 'SERVER')
      .replaceAll(server.replace(/^https?:\/\//, ''), 'SERVER')
      .replaceAll('kubectl.1.33', 'kubectl')
      // v1.34 no longer writes these, v1.33 does.
      .replaceAll(/^ *creationTimestamp: null\n/gm, '')
      .replaceAll('preferences: {}\n', '')
      // v1.34 names ports in descriptions, v1.33 does not.
      .replaceAll(/(\d+\/TCP) \(\w+\)/g, '$1')
      // v1.34 says where from, v1.33 does not.
      .replaceAll(/ from \S+ namespace\b/g, '')
      // Both clusters draw from equal random sources, but not equally often: one of the two may ask once more.
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
      .replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-RANDOM')
      // Random names of temporary files, and the times in a diff's head.
      .replaceAll(/\/tmp\/(LIVE|MERGED)-\d+/g, '/tmp/$1')
      .replaceAll(/^(diff|---|\+\+\+) .*\n/gm, '');
  return { out: clean(out), err: clean(err), code };
}
