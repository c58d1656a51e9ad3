import { describe, expect, test } from 'vitest';
import { bytesOf, EventLoop, textOf } from '../../kernel/index.ts';
import { createTestNode } from '../kubelet/testing.ts';
import { ContainerLog, LogFile } from './container-log.ts';
import { parseImageReference } from './image-reference.ts';

describe('image references', () => {
  test.each([
    { name: 'nginx', want: 'docker.io/library/nginx:latest' },
    { name: 'nginx:1.27', want: 'docker.io/library/nginx:1.27' },
    { name: 'curlimages/curl', want: 'docker.io/curlimages/curl:latest' },
    { name: 'registry.k8s.io/pause:3.10', want: 'registry.k8s.io/pause:3.10' },
    { name: 'localhost:5000/a/b:c', want: 'localhost:5000/a/b:c' },
    { name: 'index.docker.io/nginx', want: 'docker.io/library/nginx:latest' },
    { name: 'Nginx', want: undefined },
    { name: 'nginx:', want: undefined },
    { name: '', want: undefined },
  ])('$name', ({ name, want }) => expect(parseImageReference(name)?.canonical).toBe(want));
});

test("a container's log is a file of the node, in the CRI's format", () => {
  const t = createTestNode({ labImages: [{ name: 'lab/talker', logs: ['one', 'two'], ports: [80] }] });
  const pod = t.create('p', { containers: [{ name: 'c', image: 'lab/talker' }] });
  t.advance(10_000);
  const { fs } = t.node.machine;
  expect(fs.list('/var/log/pods')).toEqual([`default_p_${pod.metadata.uid}`]);
  const lines = textOf(fs.readFile(`/var/log/pods/default_p_${pod.metadata.uid}/c/0.log`)).split('\n');
  expect(lines[0]).toMatch(/^2025-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F one$/);
  expect(lines).toHaveLength(3);
  const [link] = fs.list('/var/log/containers');
  expect(textOf(fs.readFile(`/var/log/containers/${link}`))).toContain('stdout F two');
});

test('a container that prints without end keeps a bounded log', () => {
  const t = createTestNode({ labImages: [{ name: 'lab/noisy', logs: { lines: ['x'.repeat(1000)], everyMs: 10 } }] });
  t.create('p', { containers: [{ name: 'c', image: 'lab/noisy' }] });
  t.advance(60_000);
  const [container] = t.node.runtime.containers.values();
  expect(container!.log!.lines.length).toBeLessThan(300);
  expect(container!.log!.dropped).toBeGreaterThan(1000);
});

test('a container that prints as fast as it can is held up, and every line arrives whole', () => {
  const loop = new EventLoop();
  const container = { log: new ContainerLog(), attached: undefined, openLog: () => container.log };
  const file = new LogFile(container, 'stdout', loop);
  const block = bytesOf(new Uint8Array(4096).fill(0x61, 0, 4095).fill(0x0a, 4095));
  const written = (): number => {
    let count = 0;
    while (file.write(block) === block.length) count++;
    return count;
  };
  expect(written()).toBe(16);
  loop.run({ untilMs: 19 });
  expect(file.write(block)).toBe(0);
  loop.run({ untilMs: 20 });
  expect(written()).toBe(16);
  expect(container.log.dropped + container.log.lines.length).toBe(32);
  expect(container.log.lines.at(-1)).toMatchObject({ atMs: 20, text: 'a'.repeat(4095), isPartial: false });
});
