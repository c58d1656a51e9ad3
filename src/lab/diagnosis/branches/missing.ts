/** There are fewer Pods than asked for. */
import type { Branch } from '../step.ts';

export const missing: Branch = {
  sign: 'missing',
  title: 'There are fewer Pods than asked for',
  seen: 'kubectl get replicasets: CURRENT below DESIRED, and no Pod that could be asked.',
  steps: [
    {
      id: 'missing-owner',
      asks: 'Which owner made no Pods?',
      command: 'kubectl get deployments,replicasets -n {namespace}',
      looks: [{ reads: 'replicasets' }],
      answers: ['DESIRED 3, CURRENT 0: it has tried, or nobody tries.', 'No ReplicaSet of the new version: the controllers do not work.'],
    },
    {
      id: 'missing-events',
      asks: 'What was it told?',
      command: 'kubectl describe replicaset {name} -n {namespace}',
      looks: [{ reads: 'events' }],
      answers: ['FailedCreate: the API server refused the Pod, and the message names who said no.', 'Nothing: nobody tries.'],
    },
    {
      id: 'missing-manager',
      asks: 'Nobody tries: does the controller manager run?',
      command: 'kubectl get pods -n kube-system -l component=kube-controller-manager',
      looks: [{ reads: 'pods', namespace: 'kube-system' }],
      answers: ['Its log, and its lease, say who leads.'],
      evidence: /^$/,
    },
    {
      id: 'missing-quota',
      asks: 'A quota: what is used, by whom?',
      command: 'kubectl describe resourcequota -n {namespace}',
      looks: [{ reads: 'resourcequotas' }],
      answers: ['Used is as high as Hard: make room, or raise it. A Pod without requests is refused where a quota counts them.'],
      evidence: /exceeded quota|failed quota/,
    },
    {
      id: 'missing-account',
      asks: 'The service account: is it there?',
      command: 'kubectl get serviceaccounts -n {namespace}',
      looks: [{ reads: 'serviceaccounts' }],
      answers: ['The name in the Pod’s template must be one of these.'],
      evidence: /serviceaccount/,
    },
    {
      id: 'missing-standard',
      asks: 'Pod Security: which standard does the namespace enforce?',
      command: 'kubectl get namespace {namespace} --show-labels',
      looks: [{ reads: 'namespaces' }],
      answers: ['The message lists the fields that violate it. Mend the template, not the label.'],
      evidence: /violates PodSecurity/,
    },
    {
      id: 'missing-webhook',
      asks: 'A webhook: whose is it, and does its Service answer?',
      command: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
      looks: [{ reads: 'validatingwebhookconfigurations' }, { reads: 'mutatingwebhookconfigurations' }],
      answers: ['"failed calling webhook": it is down, and failurePolicy Fail turns that into a no for everybody.'],
      evidence: /webhook/,
    },
  ],
};
