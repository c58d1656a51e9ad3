import { describe, expect, test } from 'vitest';
import type { ByteString } from '../../emulator/kernel/index.ts';
import { FdTable, textOf } from '../../emulator/kernel/index.ts';
import { CapturedOutput, emptyInput } from '../../emulator/node/container-runtime/index.ts';
import type { TestNode } from '../../emulator/node/kubelet/testing.ts';
import { createTestNode } from '../../emulator/node/kubelet/testing.ts';
import { programs as shell } from '../shell/programs/index.ts';
import { nodeTools } from './index.ts';

const programs = new Map([...shell, ...nodeTools]);

/** Runs a command line on the node for some virtual time; its output, with the exit code if it has ended. */
function run(t: TestNode, line: string, ms = 20_000): string {
  const output = new CapturedOutput(100_000);
  const fds = new FdTable();
  fds.set(0, emptyInput);
  fds.set(1, output);
  fds.set(2, output);
  let code: number | undefined;
  t.kernel.spawn({
    machine: t.node.machine,
    program: shell.get('bash')!,
    argv: ['bash', '-c', line],
    fds,
    cwd: '/root',
    onExit: (status) => (code = status.code),
  });
  t.advance(ms);
  return `${textOf(output.text as ByteString)}${code === undefined ? '' : `[${code}]`}`;
}

function begin(): TestNode {
  const t = createTestNode({ programs, labImages: [{ name: 'lab/server', ports: [80], logs: ['ready'] }] });
  t.create('p', { containers: [{ name: 'c', image: 'lab/server' }] });
  t.advance(10_000);
  return t;
}

describe('crictl', () => {
  test.each([
    {
      line: 'crictl ps',
      want: /^CONTAINER {11}IMAGE {15}CREATED {13}STATE {15}NAME {16}ATTEMPT {13}POD ID {14}POD {17}NAMESPACE\n[0-9a-f]{13} {7}[0-9a-f]{13} {7}\d+ seconds ago +Running {13}c {19}0 {19}[0-9a-f]{13} {7}p {19}default\n\[0\]$/,
    },
    { line: 'crictl pods -q | wc -l', want: /^1\n\[0\]$/ },
    { line: 'crictl images', want: /docker.io\/lab\/server +latest +[0-9a-f]{13} +24MB/ },
    { line: 'crictl logs $(crictl ps -q)', want: /^ready\n\[0\]$/ },
    { line: 'crictl exec $(crictl ps -q) hostname', want: /^p\n\[0\]$/ },
    { line: 'crictl exec $(crictl ps -q) nope', want: /executable file not found in \$PATH/ },
    { line: 'crictl inspect $(crictl ps -q)', want: /"state": "CONTAINER_RUNNING"/ },
    { line: 'crictl stop $(crictl ps -q) >/dev/null; sleep 3; crictl ps -a | grep -c c', want: /\[0\]$/ },
    { line: 'crictl frobnicate', want: /^No help topic for 'frobnicate'\n\[3\]$/ },
    { line: 'systemctl stop containerd; crictl ps', want: /connect: no such file or directory"\n\[1\]$/ },
  ])('$line', ({ line, want }) => expect(run(begin(), line)).toMatch(want));
});

describe('systemctl and journalctl', () => {
  test.each([
    { line: 'systemctl is-active kubelet', want: /^active\n\[0\]$/ },
    {
      line: 'systemctl status kubelet | grep -v -e Drop-In -e conf | head -3',
      want: /^● kubelet.service - kubelet: The Kubernetes Node Agent\n {5}Loaded: loaded .*\n {5}Active: active \(running\) since /,
    },
    { line: 'systemctl stop kubelet; systemctl is-active kubelet', want: /^inactive\n\[3\]$/ },
    { line: 'systemctl restart kubelet; systemctl is-active kubelet', want: /^active\n\[0\]$/ },
    { line: 'systemctl start nothing', want: /^Failed to start nothing.service: Unit nothing.service not found.\n\[5\]$/ },
    { line: 'journalctl -u kubelet --no-pager', want: /node-1 systemd\[1\]: Started kubelet.service/ },
    { line: 'journalctl -u kubelet -n 1', want: /kubelet\[\d+\]: I\d{4} / },
  ])('$line', ({ line, want }) => expect(run(begin(), line)).toMatch(want));

  test('a kubelet with a broken configuration fails and is started again and again', () => {
    const t = begin();
    expect(
      run(t, 'echo "maxPods: many" >> /var/lib/kubelet/config.yaml; systemctl restart kubelet; sleep 25; journalctl -u kubelet', 40_000),
    ).toMatch(
      /error failed to decode: json: cannot unmarshal string into Go struct field KubeletConfiguration.maxPods of type int32[\s\S]*Scheduled restart job, restart counter is at 2/,
    );
  });
});

test('etcdctl says what it cannot reach', () => {
  expect(
    run(
      begin(),
      'mkdir -p /etc/kubernetes/pki/etcd; cd /etc/kubernetes/pki/etcd; touch ca.crt server.crt server.key; etcdctl get /registry --prefix',
    ),
  ).toMatch(/Error: context deadline exceeded\n\[1\]$/);
});

test('hostnamectl', () => expect(run(begin(), 'hostnamectl')).toContain('Static hostname: node-1'));
