/**
 * How one finds out what is wrong, as data: the page draws it, marks what the learner has looked at, and points to the
 * next step; `flow.test.ts` runs every command on a cluster in which that fault is.
 */

/** What counts as having looked: reading a resource from the API server, by whatever command, or running a program. */
export type Look =
  | {
      readonly reads: string;
      /** Where, if not in the namespace of the object that is in trouble; `*` for all at once. */
      readonly namespace?: string;
    }
  /** `matching` is tried on the whole command line. */
  | { readonly runs: string; readonly matching?: RegExp };

export interface Step {
  readonly id: string;
  readonly asks: string;
  /** `{namespace}`, `{name}` and `{node}` stand for the object that is in trouble. */
  readonly command: string;
  readonly looks: readonly Look[];
  /** What an answer means, and where it leads. */
  readonly answers: readonly string[];
  /** The step helps only when the cluster says something like this about the object. */
  readonly evidence?: RegExp;
}

/** Signs that the cluster itself shows, in the order in which they are gone after: what is wide comes first. */
export type Sign = 'silent' | 'node' | 'missing' | 'claim' | 'pending' | 'waiting' | 'crash' | 'unready' | 'service';

export interface Branch {
  readonly sign: Sign;
  readonly title: string;
  /** How one sees that it is this one. */
  readonly seen: string;
  readonly steps: readonly Step[];
}

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

export const branches: readonly Branch[] = [
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
  {
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
  },
];

/** A command about the object that is in trouble; words in capitals where none is known. */
export function commandOf({ command }: Step, at?: { readonly namespace: string; readonly name: string; readonly node: string }): string {
  return command.replaceAll(/\{(namespace|name|node)\}/g, (_, word: 'namespace' | 'name' | 'node') => at?.[word] || word.toUpperCase());
}
