/** Nobody answers. */
import type { Branch } from '../step.ts';

export const silent: Branch = {
  sign: 'silent',
  title: 'The control plane is silent',
  seen: 'kubectl gets no answer: "connection refused", or a timeout.',
  steps: [
    {
      id: 'silent-container',
      asks: 'On the control plane’s node: does the container of the API server run?',
      command: 'crictl ps -a --name kube-apiserver',
      looks: [{ runs: 'crictl', matching: /\bps\b/ }],
      answers: [
        'Exited, with a growing ATTEMPT: it starts and dies, so its log knows why.',
        'No line: the kubelet does not start it.',
        'Running: look at etcd in the same way, and at the address in your kubeconfig.',
      ],
    },
    {
      id: 'silent-kubelet',
      asks: 'Does the kubelet run, which starts it?',
      command: 'systemctl status kubelet',
      looks: [{ runs: 'systemctl', matching: /kubelet/ }],
      answers: ['Inactive or failed: nothing starts a static Pod, and nobody restarts it.'],
    },
    {
      id: 'silent-manifest',
      asks: 'Is the manifest there, and can the kubelet read it?',
      command: 'ls -l /etc/kubernetes/manifests',
      looks: [
        { runs: 'ls', matching: /manifests/ },
        { runs: 'cat', matching: /manifests/ },
      ],
      answers: ['A missing file is a missing Pod. What changed last is the first suspect.'],
    },
    {
      id: 'silent-journal',
      asks: 'What does the kubelet say about it?',
      command: 'journalctl -u kubelet -n 20 --no-pager',
      looks: [{ runs: 'journalctl' }],
      answers: ['A manifest that cannot be parsed, an image that cannot be pulled, a volume that is not there: it says so here.'],
    },
  ],
};
