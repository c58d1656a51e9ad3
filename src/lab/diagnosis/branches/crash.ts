/** A container starts and ends. */
import type { Branch } from '../step.ts';

export const crash: Branch = {
  sign: 'crash',
  title: 'A container crashes',
  seen: 'STATUS CrashLoopBackOff or Error, and RESTARTS grows.',
  steps: [
    {
      id: 'crash-log',
      asks: 'What did the program say before it died?',
      command: 'kubectl logs {name} -n {namespace} --previous',
      looks: [{ reads: 'pods/log' }],
      answers: ['Most crashes say why in their last lines: a missing file, a wrong address, a refused connection.'],
    },
    {
      id: 'crash-events',
      asks: 'How did it end: with which code, by whom?',
      command: 'kubectl describe pod {name} -n {namespace}',
      looks: [{ reads: 'events' }],
      answers: [
        'OOMKilled: it wanted more memory than its limit.',
        'Killing after "Liveness probe failed": the kubelet restarts it. Is the probe right, and patient enough?',
        'Code 0: it has simply finished. Should it be a Job?',
        'Code 127 or 126: the command does not exist, or cannot be run.',
      ],
    },
    {
      id: 'crash-memory',
      asks: 'Out of memory: what is its limit?',
      command: 'kubectl get pod {name} -n {namespace} -o jsonpath=\'{.spec.containers[*].resources}{"\\n"}\'',
      looks: [{ runs: 'kubectl', matching: /\b(pods?|po|edit|deployments?|deploy|top)\b.*(-o|--output|top)/ }],
      answers: ['Raise the limit, or find the leak: does it always die after the same time?'],
      evidence: /OOMKilled/,
    },
  ],
};
