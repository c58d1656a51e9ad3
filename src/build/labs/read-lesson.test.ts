/** What a lesson says of its cluster is read as a lab's is, and comes to the page unchanged. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isPlayground, playground, playgroundAt, playgroundPath } from '../../lab/playground.ts';
import { readLessonCluster } from './read-lesson.ts';

function read(frontMatter: string): ReturnType<typeof readLessonCluster> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lesson-'));
  const file = path.join(folder, 'lesson.mdx');
  fs.writeFileSync(file, `---\n${frontMatter}---\n\n# A lesson\n\n---\n\ncluster: { cni: none }\n`);
  try {
    return readLessonCluster(file);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

test.each([
  { name: 'nothing about a cluster', text: 'title: Pods\n', want: undefined },
  {
    name: 'nodes, a plugin and an addon',
    text: 'title: Pods\ncluster:\n  nodes: [cp, { name: a, zone: east }]\n  cni: flannel\n  addons: [metrics-server]\n  seed: 3\n',
    want: { nodes: ['cp', { name: 'a', zone: 'east' }], cni: 'flannel', addons: ['metrics-server'], seed: 3 },
  },
])('$name', ({ text, want }) => {
  const cluster = read(text);
  expect(cluster).toEqual(want);
  const place = playgroundPath(cluster);
  expect(isPlayground(place)).toBe(true);
  expect(playgroundAt(place).lab).toEqual(playground({ cluster }).lab);
});

test.each([
  { name: 'a misspelt field', text: 'cluster: { node: [a] }\n', error: /lesson\.mdx: cluster: .*node/ },
  { name: 'an addon that does not exist', text: 'cluster: { addons: [istio] }\n', error: /addons/ },
  { name: 'no nodes', text: 'cluster: { nodes: [] }\n', error: /nodes/ },
])('refused: $name', ({ text, error }) => {
  expect(() => read(text)).toThrow(error);
});

test('a cluster of its own has its own terminal, nodes and seed; a lab is no playground', () => {
  const { terminals, cluster } = playground({ cluster: { nodes: [{ name: 'first' }, 'second'], seed: 9 } }).lab;
  expect([terminals, cluster.seed, cluster.nodes.length]).toEqual([['first'], 9, 2]);
  expect(isPlayground('networking/names')).toBe(false);
});
