import { expect, test } from 'vitest';
import { utf8 } from '../../kernel/index.ts';
import type { TestNode } from './testing.ts';
import { createTestNode } from './testing.ts';

const path = '/etc/kubernetes/manifests/web.yaml';
const manifest = (image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: ${image}\n`;

/** The mirror's phase and image, and how many containers run on the node. */
function state(t: TestNode): string {
  const pod = t.pod('web-node-1');
  const running = [...t.node.runtime.containers.values()].filter(({ state }) => state === 'running').length;
  return `${pod ? `${pod.status?.phase} ${pod.spec.containers[0]!.image}` : 'none'}, ${running} running`;
}

function begin(): TestNode {
  const t = createTestNode();
  t.node.machine.fs.writeFile(path, utf8(manifest('nginx:1.27')));
  t.advance(10_000);
  return t;
}

test('a file becomes a Pod, which the API shows', () => {
  const t = begin();
  expect(state(t)).toBe('Running nginx:1.27, 1 running');
  const { annotations, ownerReferences } = t.pod('web-node-1')!.metadata;
  expect(annotations!['kubernetes.io/config.source']).toBe('file');
  expect(annotations!['kubernetes.io/config.mirror']).toBe(annotations!['kubernetes.io/config.hash']);
  expect(ownerReferences![0]!.kind).toBe('Node');
});

test.each([
  { name: 'moved away: it ends', change: (t: TestNode) => t.node.machine.fs.rename(path, '/tmp/web.yaml'), want: 'none, 0 running' },
  {
    name: 'written again: it is another Pod',
    change: (t: TestNode) => t.node.machine.fs.writeFile(path, utf8(manifest('nginx:1.28'))),
    want: 'Running nginx:1.28, 1 running',
  },
  {
    name: 'broken: the Pod ends, and the journal says why',
    change: (t: TestNode) => t.node.machine.fs.writeFile(path, utf8('kind: [')),
    want: 'none, 0 running',
    journal: 'Could not process manifest file',
  },
  {
    name: 'an argument that YAML takes for a map: it is no Pod',
    change: (t: TestNode) => t.node.machine.fs.writeFile(path, utf8(`${manifest('nginx:1.27')}    args: [{-a: null}]\n`)),
    want: 'none, 0 running',
    journal: "couldn't parse as pod(json: cannot unmarshal object into Go struct field Container.spec.containers.args of type string)",
  },
  {
    name: 'no containers: it is no valid Pod',
    change: (t: TestNode) => t.node.machine.fs.writeFile(path, utf8('apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n')),
    want: 'none, 0 running',
    journal: "couldn't parse as pod(invalid pod: spec.containers: Required value)",
  },
  {
    name: 'the mirror is deleted: it comes back',
    change: (t: TestNode) => t.remove('web-node-1', 0),
    want: 'Running nginx:1.27, 1 running',
  },
])('$name', ({ change, want, journal }) => {
  const t = begin();
  change(t);
  t.advance(15_000);
  expect(state(t)).toBe(want);
  if (journal)
    expect(
      t.node.systemd.journal
        .lines('kubelet.service')
        .map(({ text }) => text)
        .join('\n'),
    ).toContain(journal);
});
