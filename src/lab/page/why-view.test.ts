/** The command `why` and the page's view, both from what a session remembers. */
import { expect, test } from 'vitest';
import { textOf } from '../../emulator/kernel/index.ts';
import { playground } from '../playground.ts';
import { startScript } from '../script.ts';
import { LabSession } from '../session.ts';
import { whyView } from './why-view.ts';

test('a session knows why its Pods are where they are', () => {
  const { cluster, history } = new LabSession(playground({ workers: 2, seed: 4 }));
  const script = `kubectl run web --image=nginx:1.29 --overrides='{"spec":{"nodeSelector":{"kubernetes.io/hostname":"node-2"}}}' >/dev/null
sleep 5
why pod/web
why pods web -n kube-system
why`;
  let output = '';
  const running = startScript(cluster.kernel, cluster.machine('control-plane')!, {
    text: script,
    thinkMs: 0,
    onOutput: (_, bytes) => {
      output += textOf(bytes);
    },
  });
  cluster.emulated.advance(20_000);
  expect(running.exitCode).toBe(2);
  expect(output.split('\n').slice(0, 7)).toEqual([
    expect.stringMatching(/^Attempt 1 of default-scheduler, \ds ago$/),
    'NODE            FILTERS           REASON',
    'node-2          passed            chosen',
    'control-plane   TaintToleration   node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }',
    "node-1          NodeAffinity      node(s) didn't match Pod's node affinity/selector",
    '',
    'node-2 won because it was the only node left: the filters rejected 2 others.',
  ]);
  expect(output).toContain('why: no scheduler has decided about pod kube-system/web.');
  expect(output).toContain('why: name one Pod, or one user\nUsage: why pod NAME');
  const [view, ...others] = whyView(cluster.kernel.decisions, history.startMs, { resource: 'pods', namespace: 'default', name: 'web' });
  expect(others).toEqual([]);
  expect(view).toMatchObject({ sort: 'scheduling', by: 'default-scheduler', attempt: 1, chosen: 'node-2', leftOut: { unseen: 0 } });
  expect(view!.rejected.map(({ node, plugin }) => [node, plugin])).toEqual([
    ['control-plane', 'TaintToleration'],
    ['node-1', 'NodeAffinity'],
  ]);
});
