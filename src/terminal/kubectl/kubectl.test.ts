/** kubectl against a real API server: what the comparison with the real one cannot reach, such as watches, editors and completion. */
import { describe, expect, test } from 'vitest';
import type { Program } from '../../emulator/kernel/index.ts';
import { textOf, utf8 } from '../../emulator/kernel/index.ts';
import { completeKubectl } from './complete.ts';
import type { TestCluster } from './testing.ts';
import { createTestCluster } from './testing.ts';

const deployment = ['create', 'deployment', 'web', '--image=nginx', '--replicas=2'];

describe('watches', () => {
  test('get -w shows what is there, then each change, in aligned columns', () => {
    const cluster = createTestCluster();
    cluster.kubectl(deployment);
    const watch = cluster.start(['get', 'deploy', '-w']);
    cluster.kubectl(['scale', 'deploy', 'web', '--replicas=3']);
    cluster.kubectl(['delete', 'deploy', 'web', '--wait=false']);
    cluster.control.advance(10);
    expect(watch.out.replace(/\d+s$/gm, 'AGE').split('\n')).toEqual([
      'NAME   READY   UP-TO-DATE   AVAILABLE   AGE',
      'web    0/2     0            0           AGE',
      'web    0/3     0            0           AGE',
      'web    0/3     0            0           AGE',
      '',
    ]);
    expect(watch.code).toBeUndefined();
    cluster.control.kernel.kill(cluster.machine, watch.process.pid, 'INT');
    cluster.control.advance(10);
    expect(watch.code).toBe(130);
  });

  test('wait ends when the object comes to be as it is waited for', () => {
    const cluster = createTestCluster();
    cluster.kubectl(deployment);
    const wait = cluster.start(['wait', '--for=jsonpath={.spec.replicas}=5', 'deploy/web', '--timeout=60s']);
    cluster.control.advance(5000);
    expect(wait.code).toBeUndefined();
    cluster.kubectl(['scale', 'deploy', 'web', '--replicas=5']);
    cluster.control.advance(10);
    expect(wait).toMatchObject({ out: 'deployment.apps/web condition met\n', code: 0 });
  });

  test('wait gives up when its time has come, not before', () => {
    const cluster = createTestCluster();
    cluster.kubectl(deployment);
    const from = cluster.control.kernel.loop.now;
    expect(cluster.kubectl(['wait', '--for=condition=Available', 'deploy/web', '--timeout=7s'])).toEqual({
      out: '',
      err: 'error: timed out waiting for the condition on deployments/web\n',
      code: 1,
    });
    expect(cluster.control.kernel.loop.now - from).toBeGreaterThanOrEqual(7000);
    expect(cluster.control.kernel.loop.now - from).toBeLessThan(7100);
  });

  test('apply asks for a name before it sends anything', () => {
    const { err, code } = createTestCluster().kubectl(['apply', '-f', '-'], 'apiVersion: v1\nkind: ConfigMap\n');
    expect(err).toMatch(/^error: error when retrieving current configuration of:\n[\s\S]*: resource name may not be empty\n$/);
    expect(code).toBe(1);
  });

  test('delete waits for a finalizer', () => {
    const cluster = createTestCluster();
    cluster.kubectl(['apply', '-f', '-'], 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n  finalizers: [example.com/keep]\n');
    const remove = cluster.start(['delete', 'cm', 'kept']);
    cluster.control.advance(3000);
    expect(remove).toMatchObject({ out: 'configmap "kept" deleted from default namespace\n', code: undefined });
    cluster.kubectl(['patch', 'cm', 'kept', '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    cluster.control.advance(10);
    expect(remove.code).toBe(0);
  });
});

describe('edit', () => {
  const editor = (change: (text: string) => string): Program =>
    function* (sys) {
      const path = sys.argv[1]!;
      sys.fs.writeFile(path, utf8(change(textOf(sys.fs.readFile(path)))));
      return 0;
    };
  const edit = (change: (text: string) => string): ReturnType<TestCluster['kubectl']> => {
    const cluster = createTestCluster({ programs: new Map([['vi', editor(change)]]) });
    cluster.kubectl(deployment);
    return cluster.kubectl(['edit', 'deploy', 'web']);
  };

  test.each([
    {
      name: 'a change is sent',
      change: (text: string) => text.replace('replicas: 2', 'replicas: 4'),
      want: { out: 'deployment.apps/web edited\n', err: '', code: 0 },
    },
    { name: 'no change cancels', change: (text: string) => text, want: { out: '', err: 'Edit cancelled, no changes made.\n', code: 0 } },
    { name: 'an empty file cancels', change: () => '', want: { out: '', err: 'Edit cancelled, saved file was empty.\n', code: 0 } },
  ])('$name', ({ change, want }) => {
    expect(edit(change)).toEqual(want);
  });

  test('what the server refuses comes back as comments, and the same text again cancels', () => {
    const seen: string[] = [];
    const result = edit((text) => {
      seen.push(text);
      return text.replace('replicas: 2', 'replicas: -1');
    });
    expect(seen[1]).toContain(
      '# deployments.apps "web" was not valid:\n# * spec.replicas: Invalid value: -1: must be greater than or equal to 0\n',
    );
    expect(result.err).toMatch(
      /^error: deployments\.apps "web" is invalid\nerror: Edit cancelled, no valid changes were saved\.\nA copy of your changes has been stored to "\/tmp\/kubectl-edit-\d+\.yaml"\n$/,
    );
    expect(result.code).toBe(1);
  });
});

describe('an API server that is away', () => {
  const away = (args: readonly string[], warmUp: boolean) => {
    const cluster = createTestCluster();
    if (warmUp) cluster.kubectl(['get', 'ns']);
    return cluster.kubectl([...args, '--server=https://172.18.0.9:6443']);
  };

  test('the connection is refused, after five tries to discover', () => {
    const { err, code } = away(['get', 'pods'], false);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(
      /^E0901 00:00:00\.\d{6} {7}\d+ memcache\.go:265\] "Unhandled Error" err="couldn't get current server API group list: Get \\"https:\/\/172\.18\.0\.9:6443\/api\?timeout=32s\\": dial tcp 172\.18\.0\.9:6443: connect: connection refused"$/,
    );
    expect(lines[5]).toBe('The connection to the server 172.18.0.9:6443 was refused - did you specify the right host or port?');
    expect(code).toBe(1);
  });

  test('its name is not known, which is said in the same way', () => {
    const { err, code } = createTestCluster().kubectl(['get', 'pods', '--server=https://nowhere:6443']);
    const lines = err.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(/api\?timeout=32s\\": dial tcp: lookup nowhere: no such host"$/);
    expect(lines[5]).toBe('Unable to connect to the server: dial tcp: lookup nowhere: no such host');
    expect(code).toBe(1);
  });

  test('version prints its own first', () => {
    const { out, err } = away(['version'], false);
    expect(out).toMatch(/^Client Version: v1\.34\.\d+\nKustomize Version: v[\d.]+\n$/);
    expect(err).toBe('The connection to the server 172.18.0.9:6443 was refused - did you specify the right host or port?\n');
  });
});

describe('completion', () => {
  const complete = (line: string): readonly string[] => {
    const cluster = createTestCluster();
    cluster.kubectl(deployment);
    cluster.kubectl(['create', 'namespace', 'shop']);
    const words = `kubectl ${line}`.split(' ');
    let found: readonly string[] = [];
    const { kernel } = cluster.control;
    kernel.spawn({
      machine: cluster.machine,
      argv: ['shell'],
      cwd: '/root',
      env: new Map([['HOME', '/root']]),
      *program(sys) {
        found = yield* completeKubectl({
          sys,
          words: words.slice(0, -1),
          current: words.at(-1)!,
          variable: () => undefined,
          files: (prefix) => [`${prefix}.yaml`],
        });
        return 0;
      },
    });
    kernel.loop.run({ untilMs: kernel.loop.now + 100 });
    return found;
  };

  test.each([
    { line: 'ro', want: ['rollout'] },
    { line: 'rollout re', want: ['restart', 'resume'] },
    { line: 'get deploym', want: ['deployments.apps'] },
    { line: 'get pods,deploym', want: ['pods,deployments.apps'] },
    { line: 'get deploy ', want: ['web'] },
    { line: 'get deploy/w', want: ['deploy/web'] },
    { line: 'get --show', want: ['--show-kind', '--show-labels', '--show-managed-fields'] },
    { line: 'get pods -n s', want: ['shop'] },
    { line: 'get pods --namespace=s', want: ['--namespace=shop'] },
    { line: '-n shop get deploy ', want: [] },
    { line: 'apply -f a', want: ['a.yaml'] },
    { line: 'config use-context ', want: ['kubernetes-admin@kubernetes'] },
    { line: 'bogus x', want: [] },
  ])('$line', ({ line, want }) => {
    expect(complete(line)).toEqual(want);
  });
});

test('requests are logged under -v=6', () => {
  const { err } = createTestCluster().kubectl(['get', 'pods', '-v=6']);
  expect(err).toMatch(
    /round_trippers\.go:632\] "Response" verb="GET" url="https:\/\/172\.18\.0\.2:6443\/api\/v1\/namespaces\/default\/pods\?limit=500" status="200 OK" milliseconds=\d+\n/,
  );
});
