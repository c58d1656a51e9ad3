/** The scheduler finds no node. */
import type { Branch } from '../step.ts';

export const pending: Branch = {
  sign: 'pending',
  title: 'A Pod is Pending, and has no node',
  seen: 'STATUS Pending, NODE <none> in -o wide.',
  steps: [
    {
      id: 'pending-events',
      asks: 'What did the scheduler say?',
      command: 'kubectl describe pod {name} -n {namespace}',
      looks: [{ reads: 'events' }],
      answers: ['FailedScheduling counts the nodes and gives each group its reason.', 'No event at all: nobody has tried.'],
    },
    {
      id: 'pending-scheduler',
      asks: 'Nobody has tried: does the scheduler run, and is it the one that the Pod names?',
      command: 'kubectl get pods -n kube-system -l component=kube-scheduler',
      looks: [{ reads: 'pods', namespace: 'kube-system' }],
      answers: ['.spec.schedulerName must be the name of a scheduler that runs.', 'A scheduling gate keeps a Pod from being tried.'],
      evidence: /^$/,
    },
    {
      id: 'pending-room',
      asks: 'Insufficient: what is asked for, and what is left?',
      command: 'kubectl describe nodes',
      looks: [{ reads: 'leases', namespace: 'kube-node-lease' }],
      answers: ['"Allocated resources" counts requests, not use. Ask for less, make room, or add a node.'],
      evidence: /Insufficient|Too many pods/,
    },
    {
      id: 'pending-taints',
      asks: 'A taint: which, and should this Pod tolerate it?',
      command: 'kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints',
      looks: [
        { reads: 'leases', namespace: 'kube-node-lease' },
        { runs: 'kubectl', matching: /\b(nodes?|no)\b.*(-o|--output)/ },
      ],
      answers: ['node.kubernetes.io/…: the node itself is in trouble.', 'unschedulable: somebody has cordoned it.'],
      // That of the control plane is as it should be.
      evidence: /untolerated taint \{(?!node-role\.kubernetes\.io\/control-plane)|unschedulable/,
    },
    {
      id: 'pending-labels',
      asks: 'Selector or affinity: which node has these labels?',
      command: 'kubectl get nodes --show-labels',
      looks: [
        { reads: 'leases', namespace: 'kube-node-lease' },
        { runs: 'kubectl', matching: /\b(nodes?|no)\b.*(-o|--output|--show-labels|-L|-l)/ },
      ],
      answers: ['Compare letter by letter: keys and values.'],
      evidence: /affinity\/selector|topology spread|affinity rules/,
    },
    {
      id: 'pending-claims',
      asks: 'A claim: is it bound?',
      command: 'kubectl get pvc -n {namespace}',
      looks: [{ reads: 'persistentvolumeclaims' }],
      answers: ['Pending: go on with the claim.', 'Not there: the Pod names another than was made.'],
      evidence: /persistentvolumeclaim|volume node affinity/i,
    },
  ],
};
