/** A Service does not answer. */
import type { Branch } from '../step.ts';

export const service: Branch = {
  sign: 'service',
  title: 'A Service does not answer',
  seen: 'Pods are ready, and whoever asks the Service gets nothing.',
  steps: [
    {
      id: 'service-slices',
      asks: 'Whom does it send to?',
      command: 'kubectl get endpointslices -n {namespace} -l kubernetes.io/service-name={name}',
      looks: [{ reads: 'endpointslices' }, { reads: 'endpoints' }],
      answers: ['No addresses: its selector finds no ready Pod.', 'Addresses: then ports, policies, DNS or kube-proxy.'],
    },
    {
      id: 'service-spec',
      asks: 'What are its selector and its targetPort?',
      command: 'kubectl describe service {name} -n {namespace}',
      looks: [{ reads: 'services' }],
      answers: ['targetPort is the port of the container, by number or name.'],
    },
    {
      id: 'service-labels',
      asks: 'Which Pods have these labels?',
      command: 'kubectl get pods -n {namespace} --show-labels',
      looks: [{ runs: 'kubectl', matching: /\b(pods?|po)\b.*(--show-labels|-o|--output|-l|-L|--selector)/ }],
      answers: ['Every pair of the selector must stand on the Pod.'],
      evidence: /no endpoints/,
    },
    {
      id: 'service-policies',
      asks: 'Does a policy close the way?',
      command: 'kubectl get networkpolicies -n {namespace}',
      looks: [{ reads: 'networkpolicies' }],
      answers: ['A Pod that one policy selects accepts only what some policy allows. The caller’s egress counts too.'],
      evidence: /addresses/,
    },
    {
      id: 'service-dns',
      asks: 'Is the name resolved?',
      command: 'kubectl get pods -n kube-system -l k8s-app=kube-dns',
      looks: [{ reads: 'pods', namespace: 'kube-system' }, { runs: 'nslookup' }],
      answers: ['Try the ClusterIP: if it answers and the name does not, it is DNS.'],
      evidence: /addresses/,
    },
  ],
};
