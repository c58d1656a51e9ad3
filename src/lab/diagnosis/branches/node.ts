/** A node is not Ready. */
import type { Branch } from '../step.ts';

export const node: Branch = {
  sign: 'node',
  title: 'A node is NotReady',
  seen: 'STATUS of kubectl get nodes.',
  steps: [
    {
      id: 'node-conditions',
      asks: 'Which of its conditions is wrong, and since when?',
      command: 'kubectl describe node {node}',
      looks: [
        { reads: 'leases', namespace: 'kube-node-lease' },
        { runs: 'kubectl', matching: /\b(nodes?|no)\b.*(-o|--output)/ },
      ],
      answers: [
        'Unknown, "Kubelet stopped posting node status": nobody has heard of the kubelet. It is down, or cut off.',
        'False, with a message: the kubelet speaks and says what it lacks (the runtime, the network plugin).',
      ],
    },
    {
      id: 'node-kubelet',
      asks: 'Does the machine answer, and does the kubelet run there?',
      command: 'ssh {node} systemctl status kubelet',
      looks: [{ runs: 'systemctl', matching: /kubelet/ }],
      answers: ['No answer: the machine is off, or the network is.', 'Inactive, failed: its journal says why.'],
    },
    {
      id: 'node-journal',
      asks: 'What did the kubelet say last?',
      command: 'ssh {node} journalctl -u kubelet -n 20 --no-pager',
      looks: [{ runs: 'journalctl' }],
      answers: ['A certificate, a flag, the runtime’s socket, the API server’s address: the last lines name it.'],
    },
    {
      id: 'node-runtime',
      asks: 'Does the container runtime answer?',
      command: 'ssh {node} crictl ps',
      looks: [{ runs: 'crictl' }],
      answers: ['An error about the socket: the runtime is down, and the kubelet only passes that on.'],
    },
  ],
};
