/** Something runs and is not ready. */
import type { Branch } from '../step.ts';

export const unready: Branch = {
  sign: 'unready',
  title: 'A Pod runs and is not ready',
  seen: 'STATUS Running, READY 0/1.',
  steps: [
    {
      id: 'unready-events',
      asks: 'Which probe fails, and what does it get?',
      command: 'kubectl describe pod {name} -n {namespace}',
      looks: [{ reads: 'events' }],
      answers: [
        'Unhealthy: the answer of the probe stands beside it. Port and path must be those of the program.',
        'No event: a readiness gate, or the node is NotReady.',
      ],
    },
    {
      id: 'unready-log',
      asks: 'What does the program wait for?',
      command: 'kubectl logs {name} -n {namespace}',
      looks: [{ reads: 'pods/log' }],
      answers: ['Often for something else that is down. Then that is where to look.'],
    },
  ],
};
