import { expect, test } from 'vitest';
import type { RequestView } from '../../lab/page/protocol.ts';
import { diagramOf, laneOf, mermaidOf } from './requests-diagram.ts';
import type { DiagramOptions } from './requests-diagram.ts';

const arrow = (id: number, from: string, to: string, change: Partial<RequestView> = {}): RequestView => ({
  id,
  atMs: id,
  cause: 0,
  from,
  to,
  text: 'create pods',
  object: 'default/web',
  isHeartbeat: false,
  ...change,
});

const requests = [
  arrow(1, 'kubectl', 'kube-apiserver'),
  arrow(2, 'kube-apiserver', 'etcd', { cause: 1, object: '' }),
  arrow(3, 'kubelet', 'kube-apiserver', { object: 'kube-node-lease/node-1', isHeartbeat: true }),
  arrow(4, 'replicaset-controller', 'kube-apiserver', { object: 'default/other', code: 403 }),
];

const plain: DiagramOptions = { showsHeartbeats: false, follow: '', limit: 10 };

const cases: readonly { name: string; options: DiagramOptions; ids: readonly number[] }[] = [
  { name: 'heartbeats are left out', options: plain, ids: [1, 2, 4] },
  { name: 'heartbeats are shown when asked for', options: { ...plain, showsHeartbeats: true }, ids: [1, 2, 3, 4] },
  { name: 'one object and what it caused', options: { ...plain, follow: 'default/web' }, ids: [1, 2] },
  { name: 'only the latest', options: { ...plain, limit: 1 }, ids: [4] },
];

test.each(cases)('$name', ({ options, ids }) => {
  expect(diagramOf(requests, options).arrows.map(({ id }) => id)).toEqual(ids);
});

test('lanes stand in the order in which books draw them, controllers share one', () => {
  expect(diagramOf(requests, plain).lanes).toEqual(['kubectl', 'kube-apiserver', 'etcd', 'controllers']);
  expect(laneOf('kubelet@node-1')).toBe('kubelet');
});

test('as Mermaid, a refusal with its code', () => {
  expect(mermaidOf(diagramOf(requests, { ...plain, limit: 1 }))).toBe(
    [
      'sequenceDiagram',
      '  participant kube_apiserver as kube-apiserver',
      '  participant controllers as controllers',
      '  controllers->>kube_apiserver: replicaset-controller: create pods default/other (403)',
    ].join('\n'),
  );
});
