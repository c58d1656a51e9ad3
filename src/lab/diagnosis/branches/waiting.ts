/** A container waits to be made. */
import type { Branch } from '../step.ts';

export const waiting: Branch = {
  sign: 'waiting',
  title: 'A container does not start',
  seen: 'STATUS ImagePullBackOff, CreateContainerConfigError, or ContainerCreating for long.',
  steps: [
    {
      id: 'waiting-events',
      asks: 'What did the kubelet say?',
      command: 'kubectl describe pod {name} -n {namespace}',
      looks: [{ reads: 'events' }],
      answers: [
        'Failed to pull: the name, the tag, the registry, or a secret for it.',
        '"… not found" about a ConfigMap or Secret: it must exist in the same namespace before the container can start.',
        'FailedMount: a volume.',
      ],
    },
    {
      id: 'waiting-image',
      asks: 'The image: which name exactly, and pulled with which secrets?',
      command: 'kubectl get pod {name} -n {namespace} -o jsonpath=\'{.spec.containers[*].image} {.spec.imagePullSecrets}{"\\n"}\'',
      looks: [{ runs: 'kubectl', matching: /\b(pods?|po|edit|deployments?|deploy)\b.*(-o|--output)/ }],
      answers: [
        '"not found": the tag or the repository does not exist.',
        '"unauthorized": a secret is missing.',
        'A timeout: the registry.',
      ],
      evidence: /Image|image/,
    },
    {
      id: 'waiting-config',
      asks: 'What it reads: which ConfigMaps and Secrets are there?',
      command: 'kubectl get configmaps,secrets -n {namespace}',
      looks: [{ reads: 'configmaps' }, { reads: 'secrets' }],
      answers: ['Name and key must both exist.'],
      evidence: /Config/,
    },
    {
      id: 'waiting-claims',
      asks: 'Its volumes: are they there?',
      command: 'kubectl get pvc,configmaps,secrets -n {namespace}',
      looks: [{ reads: 'persistentvolumeclaims' }, { reads: 'configmaps' }],
      answers: ['A volume from a ConfigMap that does not exist waits for ever, without an error in STATUS.'],
      evidence: /ContainerCreating|PodInitializing/,
    },
  ],
};
