/** Links that delay and lose packets, as a learner sees them: pings, curl's times, retransmissions, streams, and that all ends well. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
const run = (text: string): string => shell.run(text);
const inPod = (command: string): string => run(`kubectl exec client -- ${command}`);
const pod = (name: string, node: string, more: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: {nodeName: ${node}, terminationGracePeriodSeconds: 0, containers: [{name: main, ${more}}]}`;
const shape = (what: string): string => run(`ssh node-1 tc qdisc replace dev eth0 root netem ${what}`);
/** Seconds that requests took. */
const times = (count: number, path = ''): readonly number[] =>
  inPod(`sh -c 'for i in $(seq ${count}); do curl -s -o /dev/null -w "%{time_total}\\n" http://${ip}/${path}; done'`)
    .split('\n')
    .map(Number);
const resent = (): number => Number(/(\d+) segments retransmitted/.exec(inPod('netstat -s'))![1]);

let ip: string;

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 7 });
  shell.apply(
    [
      pod('client', 'node-1', 'image: nicolaka/netshoot, command: [sleep, "99999"]'),
      pod('echo', 'node-2', 'image: nicolaka/netshoot, command: [nc, -lk, -p, "7000", -e, cat]'),
      pod('web', 'node-2', 'image: nginx:1.29-alpine'),
    ].join('\n---\n'),
  );
  ip = run('kubectl get pod web -o jsonpath={.status.podIP}');
  run('kubectl exec web -- sh -c "head -c 1000000 /dev/zero > /usr/share/nginx/html/big"');
});

afterEach(() => {
  run('ssh node-1 tc qdisc del dev eth0 root');
});

test('a good link sends nothing again', () => {
  const before = resent();
  expect(Math.max(...times(10))).toBeLessThan(0.02);
  expect(resent()).toBe(before);
});

test('a delay counts for each round trip, and for each window of a large answer', () => {
  shape('delay 100ms');
  const [small] = times(1);
  const [large] = times(1, 'big');
  expect([small! > 0.19 && small! < 0.25, large! > 0.6 && large! < 1.5]).toEqual([true, true]);
  expect(inPod('ping -c 3 -q ' + ip)).toMatch(/0% packet loss[\s\S]*= 10[12]\.\d/);
});

test('a loss costs timeouts of 200 ms and more; the lost is sent again and counted', () => {
  shape('loss 30%');
  const before = resent();
  const all = times(40);
  const late = all.filter((seconds) => seconds > 0.2);
  expect([late.length > 8, late.length < 40, Math.max(...all) > 0.6]).toEqual([true, true, true]);
  expect(resent() - before).toBeGreaterThan(10);
  expect(Number(/(\d+)% packet loss/.exec(inPod(`ping -c 50 -i 0.2 -q ${ip}`))![1])).toBeGreaterThan(10);
  // A lost SYN is sent again after a second, and the time that a caller has may be over by then.
  const codes = inPod(`sh -c 'for i in $(seq 30); do curl -s -m 0.5 -o /dev/null -w "%{exitcode} " http://${ip}/; done'`).split(' ');
  expect([codes.includes('28'), codes.includes('0')]).toEqual([true, true]);
});

test('an open connection goes on when the link gets worse: bytes come later and in order, and ss says how often', () => {
  const echo = run('kubectl get pod echo -o jsonpath={.status.podIP}');
  const talk = (lines: number): string =>
    inPod(
      `sh -c '(for i in $(seq ${lines}); do echo line $i; sleep 1; done; sleep 4) | nc ${echo} 7000 > /tmp/out & sleep 12; ss -tni; cat /tmp/out'`,
    );
  run('(sleep 2; ssh node-1 tc qdisc replace dev eth0 root netem delay 50ms loss 40%) &');
  const said = talk(10);
  expect(said).toMatch(/ESTAB .*:7000\n\t cubic wscale:7,7 rto:2\d\d rtt:\d+\.\d+\/\d+\.\d+ mss:1448 .* retrans:0\/[1-9]\d* /);
  expect(said.split('\n').filter((line) => line.startsWith('line'))).toEqual(Array.from({ length: 10 }, (_, i) => `line ${i + 1}`));
});
