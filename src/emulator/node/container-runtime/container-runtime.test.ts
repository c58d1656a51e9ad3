import { describe, expect, test } from 'vitest';
import { textOf } from '../../kernel/index.ts';
import { createTestNode } from '../kubelet/testing.ts';
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
