import { expect, test } from 'vitest';
import type { TraceDetail, TraceRecord } from '../../emulator/kernel/index.ts';
import { playground } from '../playground.ts';
import { LabSession } from '../session.ts';
import { clusterView, RequestViews } from './views.ts';

const record = (id: number, cause: number, resource: string, detail: TraceDetail): TraceRecord => ({
  id,
  cause,
  atMs: 1000 + id,
  component: 'kube-apiserver',
  object: { resource, name: 'node-1' },
  ...detail,
});

const request = (user: string, agent: string): TraceDetail => ({ type: 'request', verb: 'update', user, agent, code: 200 });

const beatsOf = (records: readonly TraceRecord[]): readonly boolean[] => {
  const views = new RequestViews(1000);
  for (const each of records) views.add(each);
  return views.take(100).map(({ isHeartbeat }) => isHeartbeat);
};

test('a kubelet’s report, the write that it made and what that tells to watchers are heartbeats', () => {
  const storage: TraceDetail = { type: 'storage', change: 'update', revision: 7 };
  const watch: TraceDetail = { type: 'watch', event: 'MODIFIED', revision: '7', to: 'kube-scheduler' };
  const byKubelet = request('system:node:node-1', 'kubelet');
  expect(beatsOf([record(1, 0, 'nodes', storage), record(2, 1, 'nodes', byKubelet), record(3, 2, 'nodes', watch)])).toEqual([
    true,
    true,
    true,
  ]);
  const byLearner = request('kubernetes-admin', 'kubectl');
  expect(beatsOf([record(1, 0, 'nodes', storage), record(2, 1, 'nodes', byLearner), record(3, 2, 'nodes', watch)])).toEqual([
    false,
    false,
    false,
  ]);
});

test('the lab’s own eyes are not shown', () => {
  expect(beatsOf([record(1, 0, 'pods', request('kubernetes-admin', 'observer'))])).toEqual([]);
});

test('a cluster that nobody has touched shows no Pod as the learner’s', () => {
  const { pods } = clusterView(new LabSession(playground({ workers: 1, seed: 1 })).cluster);
  expect(pods.length).toBeGreaterThan(0);
  expect(pods.filter(({ isSystem }) => !isSystem)).toEqual([]);
});
