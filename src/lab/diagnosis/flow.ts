/**
 * How one finds out what is wrong, as data: the page draws it, marks what the learner has looked at, and points to the
 * next step; `flow.test.ts` runs every command on a cluster in which that fault is.
 */
import { claim } from './branches/claim.ts';
import { crash } from './branches/crash.ts';
import { missing } from './branches/missing.ts';
import { node } from './branches/node.ts';
import { pending } from './branches/pending.ts';
import { service } from './branches/service.ts';
import { silent } from './branches/silent.ts';
import { unready } from './branches/unready.ts';
import { waiting } from './branches/waiting.ts';
import type { Branch, Step } from './step.ts';

/** Half a minute for the whole cluster, before anything narrow. */
export const wide: readonly Step[] = [
  {
    id: 'nodes',
    asks: 'Are all nodes Ready?',
    command: 'kubectl get nodes',
    looks: [{ reads: 'nodes' }],
    answers: ['No answer at all: the control plane is silent.', 'NotReady: everything on that node is a consequence.'],
  },
  {
    id: 'parts',
    asks: 'Does every part of the cluster run?',
    command: 'kubectl get pods -n kube-system',
    looks: [{ reads: 'pods', namespace: 'kube-system' }],
    answers: ['A part that is missing, restarts, or is not ready explains whatever it should have done.'],
  },
  {
    id: 'pods',
    asks: 'Which Pods are in trouble, anywhere?',
    command: 'kubectl get pods -A',
    looks: [{ reads: 'pods', namespace: '*' }],
    answers: ['STATUS, READY and RESTARTS choose the branch below. Fewer Pods than asked for is a sign too.'],
  },
  {
    id: 'events',
    asks: 'Who has complained in the last hour?',
    command: 'kubectl events -A --types=Warning',
    looks: [{ reads: 'events', namespace: '*' }],
    answers: ['The same complaint about many objects has one cause, and it is wide.'],
  },
];

/** In the order in which they are gone after. */
export const branches: readonly Branch[] = [silent, node, missing, claim, pending, waiting, crash, unready, service];

/** All steps, the wide ones first. */
export const allSteps: readonly Step[] = [...wide, ...branches.flatMap(({ steps }) => steps)];

/** A command about the object that is in trouble; words in capitals where none is known. */
export function commandOf({ command }: Step, at?: { readonly namespace: string; readonly name: string; readonly node: string }): string {
  return command.replaceAll(/\{(namespace|name|node)\}/g, (_, word: 'namespace' | 'name' | 'node') => at?.[word] || word.toUpperCase());
}
