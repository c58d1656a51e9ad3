/** free and top in a container, whose node they tell of. */
import { expect, test } from 'vitest';
import { createTestNode } from '../../../emulator/node/kubelet/testing.ts';
import { programs } from '../../programs.ts';

/** What a command prints in a container of its own beside a busy loop. */
function outputOf(command: string, options: object = {}): string {
  const t = createTestNode({ programs, spec: { name: 'node-1', memory: '1Gi' } });
  t.create('p', {
    containers: [
      { name: 'c', image: 'busybox', command: ['sh', '-c', `(while true; do :; done) & sleep 2; ${command}; sleep 3600`], ...options },
    ],
  });
  t.advance(20_000);
  const [container] = [...t.node.runtime.containers.values()];
  return container!.log!.lines.map(({ text }) => text).join('\n');
}

test('free shows the memory of the node', () => {
  const [header, memory, swap] = outputOf('free -m').split('\n');
  expect(header).toBe('               total        used        free      shared  buff/cache   available');
  expect(memory).toMatch(/^Mem: {12}1024 {9}\d{3} /);
  expect(swap).toBe('Swap:              0           0           0');
  const [, total, used, , , , available] = memory!.split(/ +/).map(Number);
  expect(used! + available!).toBeGreaterThan(total! - 2);
});

test('top names the busiest process first', () => {
  const lines = outputOf('top -b -n 1').split('\n');
  expect(lines[0]).toMatch(/^top - \d\d:\d\d:\d\d up 0 min/);
  expect(lines[1]).toMatch(/^Tasks: +\d+ total, +\d+ running/);
  expect(lines[6]).toBe('    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND');
  expect(lines[7]).toMatch(/ R +(9\d|100)\.\d .* sh$/);
});

test('top under a limit shows what is left', () => {
  const busiest = outputOf('top -b -n 1', { resources: { limits: { cpu: '200m' } } }).split('\n')[7]!;
  expect(Number(busiest.trim().split(/ +/)[8])).toBeLessThan(35);
});

test('top without a terminal wants to be told so', () => {
  expect(outputOf('top')).toContain('failed tty get');
});
