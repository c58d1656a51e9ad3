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

describe('ctr', () => {
  test.each([
    { line: 'ctr version', want: /^Client:\n {2}Version: {2}v2\.1\.4\n[\s\S]*Server:\n[\s\S]*UUID: [0-9a-f-]{36}\n\[0\]$/ },
    { line: 'ctr ns ls', want: /^NAME {3}LABELS \nk8s\.io {8}\n\[0\]$/ },
    { line: 'ctr containers ls', want: /^CONTAINER {4}IMAGE {4}RUNTIME {4}\n\[0\]$/ },
    {
      line: 'ctr -n k8s.io c ls',
      want: /^CONTAINER {59}IMAGE {26,}RUNTIME {18}\n[\s\S]*[0-9a-f]{64} {4}docker\.io\/lab\/server:latest +io\.containerd\.runc\.v2 {4}\n[\s\S]*\[0\]$/,
    },
    { line: 'ctr -n k8s.io c ls', want: /registry\.k8s\.io\/pause:3\.10\.1 / },
    { line: 'ctr -n k8s.io t ls', want: /^TASK {64}PID {6}STATUS {4}\n([0-9a-f]{64} {4}\d{5} {4}RUNNING\n){2}\[0\]$/ },
    {
      line: 'ctr -n k8s.io i ls -q | grep lab/server',
      want: /^docker\.io\/lab\/server:latest\ndocker\.io\/lab\/server@sha256:[0-9a-f]{64}\n\[0\]$/,
    },
    {
      line: 'ctr -n k8s.io images ls | grep server:latest',
      want: /sha256:[0-9a-f]{64} 22\.9 MiB linux\/amd64 io\.cri-containerd\.image=managed \n\[0\]$/,
    },
    {
      line: 'for t in $(ctr -n k8s.io t ls -q); do ctr -n k8s.io t exec --exec-id a $t hostname; done',
      want: /^(ctr: container "[0-9a-f]+" in namespace "k8s\.io": not found\n)?p\n(ctr: .*\n)?\[\d\]$/,
    },
    { line: 'ctr -n k8s.io t kill $(crictl ps -q | cut -c1-13)', want: /container "[0-9a-f]{13}" in namespace "k8s\.io": not found/ },
    {
      line: 'for c in $(ctr -n k8s.io t ls -q); do ctr -n k8s.io t kill -s 9 $c; done; sleep 1; crictl ps -a | grep -c Exited',
      want: /1\n\[0\]$/,
    },
    { line: 'ctr -n k8s.io t kill -s NOPE nobody', want: /^ctr: container "nobody" in namespace "k8s\.io": not found\n\[1\]$/ },
    { line: 'ctr -n k8s.io i pull nginx', want: /^ctr: failed to resolve reference "nginx": object required\n\[1\]$/ },
    {
      line: 'ctr -n k8s.io i pull docker.io/library/nginx:1.29 && crictl images | grep -c library/nginx && ctr -n k8s.io i rm docker.io/library/nginx:1.29 docker.io/library/nginx:1.29',
      want: /Completed pull from OCI Registry \(docker\.io\/library\/nginx:1\.29\)\n1\ndocker\.io\/library\/nginx:1\.29\nWARN\[0000\] docker\.io\/library\/nginx:1\.29: image not found +\n\[0\]$/,
    },
    { line: 'ctr -n k8s.io i pull docker.io/library/nope:1', want: /^ctr: failed to resolve.*docker\.io\/library\/nope:1/ },
    { line: 'ctr frobnicate', want: /^No help topic for 'frobnicate'\n\[3\]$/ },
    {
      line: 'systemctl stop containerd; ctr ns ls',
      want: /^ctr: failed to dial "\/run\/containerd\/containerd\.sock": .*no such file or directory"\n\[1\]$/,
    },
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

describe('what runs on the node, and what its kernel says', () => {
  const stress = (memory: string, limit: string | undefined): object => ({
    containers: [
      {
        name: 'c',
        image: 'polinux/stress',
        command: ['stress', '--vm', '1', '--vm-bytes', memory],
        resources: limit === undefined ? {} : { limits: { memory: limit } },
      },
    ],
    restartPolicy: 'Never',
  });

  test('ps, pgrep and kill know the processes of containers, with what their control groups hold', () => {
    const t = begin();
    t.create('busy', stress('300M', '1Gi'));
    t.advance(10_000);
    expect(run(t, 'ps -eo pid,rss,comm --sort=-rss | head -2')).toMatch(/^ +PID +RSS COMMAND\n +1\d{4} 3\d{5} stress\n\[0\]$/);
    expect(run(t, 'kill -9 $(pgrep -x stress); sleep 2; pgrep -c -x stress')).toBe('0\n[1]');
    expect(t.pod('busy')!.status!.containerStatuses![0]!.state!.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    expect(run(t, 'kill 10999')).toMatch(/No such process\n\[1\]$/);
  });

  test('dmesg tells of the container that was ended at its limit', () => {
    const t = begin();
    t.create('hog', stress('200M', '100Mi'));
    t.advance(10_000);
    expect(run(t, 'dmesg -l err')).toMatch(
      /^\[ +\d+\.\d{6}\] Memory cgroup out of memory: Killed process \d+ \(stress\) total-vm:\d+kB, anon-rss:102400kB, .*oom_score_adj:988\n\[0\]$/,
    );
    expect(run(t, 'dmesg | grep -c oom-kill:constraint=CONSTRAINT_MEMCG')).toBe('1\n[0]');
    expect(run(t, 'journalctl -k -p err -o cat | cut -d: -f1')).toBe('Memory cgroup out of memory\n[0]');
    expect(run(t, 'dmesg --nonsense')).toMatch(/unrecognized option '--nonsense'[\s\S]*\[1\]$/);
  });

  test('a machine without memory ends the greediest, and its kubelet says so', () => {
    const t = begin();
    t.create('huge', stress('9G', undefined));
    t.advance(20_000);
    expect(run(t, 'dmesg | grep -o "Out of memory: Killed process 1 (stress)"')).toBe('Out of memory: Killed process 1 (stress)\n[0]');
    expect(t.pod('huge')!.status!.containerStatuses![0]!.state!.terminated!.reason).toBe('OOMKilled');
    expect(t.events('node-1')).toContain('SystemOOM: System OOM encountered, victim process: stress, pid: 1');
  });

  test.each([
    { line: 'df -i | tail -1', want: /^\/dev\/vda1 +6553600 +\d+ +\d+ +\d% \/\n\[0\]$/ },
    { line: 'journalctl --list-boots | wc -l', want: /^2\n\[0\]$/ },
    { line: 'journalctl -b -3', want: /^Data from the specified boot \(-3\) is not available/ },
    { line: 'journalctl -u kubelet -g "main sync" -o cat | wc -l', want: /^1\n/ },
    { line: 'journalctl -u kubelet --since "1 hour ago" --until "30 min ago"', want: /^-- No entries --\n\[0\]$/ },
    { line: 'journalctl -p nonsense', want: /^Unknown log level nonsense\n\[1\]$/ },
    { line: 'journalctl -n x', want: /^Failed to parse lines 'x'\n\[1\]$/ },
    {
      line: 'systemctl show kubelet -p ActiveState,SubState,UnitFileState',
      want: /^ActiveState=active\nSubState=running\nUnitFileState=enabled\n/,
    },
    {
      line: 'systemctl mask kubelet; systemctl restart kubelet',
      want: /Failed to restart kubelet.service: Unit kubelet.service is masked.\n\[1\]$/,
    },
    { line: 'systemctl kill -s KILL kubelet; sleep 1; systemctl is-active kubelet', want: /^activating\n\[3\]$/ },
    {
      line: "printf '[Service]\\nExecStart=/bin/false\\nRestart=always\\n' > /etc/systemd/system/x.service; systemctl start x; sleep 5; systemctl status x | sed -n 3p",
      want: /^ {5}Active: failed \(failed\) \(Result: start-limit-hit\) since /,
    },
    {
      line: "printf '[Service]\\nExecStart=/usr/bin/nothing\\n' > /etc/systemd/system/x.service; systemctl start x; journalctl -u x -p err -o cat | head -1",
      want: /x.service: Failed to locate executable \/usr\/bin\/nothing: No such file or directory/,
    },
  ])('$line', ({ line, want }) => expect(run(begin(), line)).toMatch(want));
});

test('hostnamectl', () => expect(run(begin(), 'hostnamectl')).toContain('Static hostname: node-1'));
