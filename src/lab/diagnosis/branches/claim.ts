/** A claim waits for a volume. */
import type { Branch } from '../step.ts';

export const claim: Branch = {
  sign: 'claim',
  title: 'A claim is Pending',
  seen: 'kubectl get pvc -A; its Pods are Pending too.',
  steps: [
    {
      id: 'claim-events',
      asks: 'What does it wait for?',
      command: 'kubectl describe pvc {name} -n {namespace}',
      looks: [{ reads: 'events' }],
      answers: [
        '"waiting for first consumer": for a Pod that can be scheduled. Nothing is wrong with the claim.',
        '"storageclass … not found", "no persistent volumes available": nobody will make it one.',
      ],
    },
    {
      id: 'claim-classes',
      asks: 'Does its class exist, and who provisions for it?',
      command: 'kubectl get storageclasses',
      looks: [{ reads: 'storageclasses' }],
      answers: ['A claim without a class gets the default one, when there is one.'],
    },
    {
      id: 'claim-volumes',
      asks: 'Is there a volume that would do?',
      command: 'kubectl get persistentvolumes',
      looks: [{ reads: 'persistentvolumes' }],
      answers: ['Class, size, access mode and node affinity must all fit. Released is not Available.'],
    },
  ],
};
