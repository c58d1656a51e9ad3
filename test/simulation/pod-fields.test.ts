/** Fields of Pods and their volumes, each by what a node or the scheduler makes of it. */
import { beforeAll } from 'vitest';
import type { TestShell } from '../network/shell.ts';
import { bootShell } from '../network/shell.ts';
import { testRows } from './field-rows.ts';

let shell: TestShell;

beforeAll(() => {
  const zoned = (name: string, zone: string) => ({ name, zone });
  shell = bootShell({ nodes: ['control-plane', zoned('node-1', 'a'), zoned('node-2', 'b'), zoned('node-3', 'b')], seed: 4 });
  shell.run('kubectl label node node-1 disk=ssd; kubectl label node node-2 disk=hdd; kubectl taint node node-3 k=v:NoSchedule');
});

const pod = (name: string, spec: string, container = 'image: nginx', labels = `app: ${name}`): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {${labels}}}\nspec: {${spec === '' ? '' : `${spec}, `}containers: [{name: main, ${container}}]}`;
const sleeper = (more: string): string => `image: busybox, command: [sleep, "99999"], ${more}`;
const ready = (name: string): string => `kubectl get pod ${name} -o jsonpath='{.status.containerStatuses[0].ready}'`;
const onNode = (name: string): string => `kubectl get pod ${name} -o jsonpath='{.spec.nodeName} {.status.phase}'`;
const events = (name: string): string =>
  `kubectl get events --field-selector involvedObject.name=${name} -o custom-columns=R:.reason,M:.message`;
const patchDebugger = (name: string, container: string): string =>
  `kubectl patch pod ${name} --subresource=ephemeralcontainers -p '{"spec":{"ephemeralContainers":[{"name":"e",${container}}]}}' >/dev/null; sleep 8;`;
const ofDebugger = (name: string): string => `kubectl get pod ${name} -o jsonpath='{.status.ephemeralContainerStatuses[0].state}'`;
const near = (key: string, app: string, more = ''): string =>
  `${key}: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ${app}}}${more}}]}`;
const spread = (name: string, more: string): string =>
  `topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {tier: ${name}}}, ${more}}]`;
const tier = (name: string): string => `app: ${name}, tier: ${name}`;

testRows(() => shell, 'p', [
  {
    name: 'preferred distance outweighs a preferred node',
    objects: (name) => [
      pod(`${name}-other`, 'nodeName: node-1'),
      pod(
        name,
        `affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 20, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}]}, podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 100, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ${name}-other}}}}]}}`,
      ),
    ],
    ask: onNode,
    want: 'node-2 Running',
  },
  {
    name: 'distance to Pods of the same value of a label',
    objects: (name) => [
      pod(`${name}-other`, 'nodeName: node-1', 'image: nginx', `app: ${name}, v: "1"`),
      pod(
        name,
        `nodeSelector: {disk: ssd}, affinity: {${near('podAntiAffinity', name, ', matchLabelKeys: [v]')}}`,
        'image: nginx',
        `app: ${name}, v: "2"`,
      ),
    ],
    ask: onNode,
    want: 'node-1 Running',
  },
  {
    name: 'distance to Pods of another value of a label',
    objects: (name) => [
      pod(`${name}-other`, 'nodeName: node-1', 'image: nginx', `app: ${name}, v: "1"`),
      pod(
        name,
        `nodeSelector: {disk: ssd}, affinity: {${near('podAntiAffinity', name, ', mismatchLabelKeys: [v]')}}`,
        'image: nginx',
        `app: ${name}, v: "1"`,
      ),
    ],
    ask: onNode,
    want: 'node-1 Running',
  },
  {
    name: 'nodes that are not meant do not count for spreading',
    objects: (name) => [
      pod(`${name}-other`, 'nodeName: node-1', 'image: nginx', tier(name)),
      pod(name, `nodeSelector: {disk: ssd}, ${spread(name, 'nodeAffinityPolicy: Ignore')}`, 'image: nginx', tier(name)),
    ],
    ask: onNode,
    want: / Pending/,
  },
  {
    name: 'nodes that are tainted count for spreading if it says so',
    objects: (name) => [
      pod(`${name}-1`, 'nodeName: node-1', 'image: nginx', tier(name)),
      pod(`${name}-2`, 'nodeName: node-2', 'image: nginx', tier(name)),
      pod(name, spread(name, 'nodeTaintsPolicy: Ignore'), 'image: nginx', tier(name)),
      pod(`${name}-3`, spread(name, 'nodeTaintsPolicy: Honor'), 'image: nginx', tier(name)),
    ],
    ask: (name) => `kubectl get pod ${name}-3 -o jsonpath='{.status.phase}'; ${onNode(name)}`,
    want: /^Running ?node-. (Pending|Running)|^Running Pending/,
  },
  {
    name: 'two protocols share the port of a node',
    objects: (name) => [
      pod(`${name}-other`, 'nodeName: node-1', 'image: nginx, ports: [{containerPort: 80, hostPort: 7070}]'),
      pod(name, 'nodeSelector: {disk: ssd}', 'image: nginx, ports: [{containerPort: 80, hostPort: 7070, protocol: UDP}]'),
    ],
    ask: onNode,
    want: 'node-1 Running',
  },
  {
    name: 'a hook that asks over HTTP',
    objects: (name) => [pod(name, '', 'image: nginx, lifecycle: {postStart: {httpGet: {port: 81}}}')],
    ask: (name) => events(name),
    want: 'FailedPostStartHook',
  },
  {
    name: 'a hook that only opens a connection cannot be run',
    objects: (name) => [pod(name, '', 'image: nginx, lifecycle: {postStart: {tcpSocket: {port: 80}}}')],
    ask: (name) => `kubectl get pod ${name} -o jsonpath='{.status.containerStatuses[0].state.waiting}'; ${events(name)}`,
    want: 'FailedPostStartHook',
  },
  {
    name: 'what a probe says of itself',
    objects: (name) => [
      pod(
        name,
        '',
        'image: nginx, readinessProbe: {periodSeconds: 1, httpGet: {port: 80, httpHeaders: [{name: User-Agent, value: my-probe}]}}',
      ),
    ],
    ask: (name) => `kubectl logs ${name} | grep -c '"my-probe"'`,
    want: /^[1-9]/,
  },
  {
    name: 'a probe of another host',
    objects: (name) => [pod(name, '', 'image: nginx, readinessProbe: {periodSeconds: 1, tcpSocket: {host: 127.0.0.1, port: 10250}}')],
    ask: ready,
    want: 'true',
  },
  {
    name: 'a probe of one service of gRPC',
    objects: (name) => [
      pod(
        name,
        '',
        'image: registry.k8s.io/e2e-test-images/agnhost:2.53, args: [grpc-health-checking, --service=mine], readinessProbe: {periodSeconds: 1, grpc: {port: 5000, service: other}}',
      ),
    ],
    ask: ready,
    want: 'false',
  },
  {
    name: 'input that ends with the first who gives it',
    objects: (name) => [pod(name, 'restartPolicy: Never', 'image: busybox, command: [cat], stdin: true, stdinOnce: true')],
    ask: (name) => `echo hello | kubectl attach -q -i ${name}; sleep 4; kubectl get pod ${name} -o jsonpath='{.status.phase}'`,
    want: 'Succeeded',
  },
  {
    name: 'an ephemeral container that may not pull',
    objects: (name) => [pod(name, '')],
    ask: (name) => `${patchDebugger(name, '"image":"alpine:3.20","imagePullPolicy":"Never"')} sleep 12; ${ofDebugger(name)}`,
    want: 'ErrImageNeverPull',
  },
  {
    name: 'an ephemeral container without input',
    objects: (name) => [pod(name, '')],
    ask: (name) => `${patchDebugger(name, '"image":"busybox","command":["cat"],"stdin":true')} ${ofDebugger(name)}`,
    want: 'running',
  },
  {
    name: 'input of an ephemeral container that ends',
    objects: (name) => [pod(name, '')],
    ask: (name) =>
      `${patchDebugger(name, '"image":"busybox","command":["cat"],"stdin":true,"stdinOnce":true')} echo x | kubectl attach -q -i ${name} -c e; sleep 4; ${ofDebugger(name)}`,
    want: 'Completed',
  },
  {
    name: 'what an ephemeral container leaves behind',
    objects: (name) => [pod(name, '')],
    ask: (name) =>
      `${patchDebugger(name, '"image":"busybox","command":["sh","-c","echo bye >/tmp/end"],"terminationMessagePath":"/tmp/end"')} ${ofDebugger(name)}`,
    want: 'bye',
  },
  {
    name: 'the last lines of an ephemeral container that failed',
    objects: (name) => [pod(name, '')],
    ask: (name) =>
      `${patchDebugger(name, '"image":"busybox","command":["sh","-c","echo oh; exit 3"],"terminationMessagePolicy":"FallbackToLogsOnError"')} ${ofDebugger(name)}`,
    want: /"message":"oh/,
  },
  {
    name: 'another system than the node has',
    objects: (name) => [pod(name, 'nodeName: node-1, os: {name: windows}')],
    ask: (name) => `kubectl get pod ${name} -o jsonpath='{.status.phase} {.status.reason}: {.status.message}'`,
    want: "Failed PodOSNotSupported: Pod was rejected: Failed to admit pod as the OS field doesn't match node OS",
  },
  {
    name: 'a parameter of the kernel that is the Pod’s own',
    objects: (name) => [pod(name, 'securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: "0"}]}')],
    ask: (name) => `kubectl exec ${name} -- cat /proc/sys/net/ipv4/tcp_syncookies`,
    want: /^0$/,
  },
  {
    name: 'a parameter of the kernel that is the node’s',
    objects: (name) => [pod(name, 'securityContext: {sysctls: [{name: kernel.msgmax, value: "65536"}]}')],
    ask: (name) => `kubectl get pod ${name} -o jsonpath='{.status.phase} {.status.reason}: {.status.message}'`,
    want: 'Failed SysctlForbidden: Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
  },
  {
    name: 'a filter before system calls, and no profile',
    objects: (name) => [
      pod(name, 'securityContext: {seccompProfile: {type: RuntimeDefault}, appArmorProfile: {type: Unconfined}}', sleeper('')),
      pod(
        `${name}-2`,
        '',
        sleeper(
          'securityContext: {seccompProfile: {type: RuntimeDefault}, appArmorProfile: {type: Unconfined}, allowPrivilegeEscalation: false}',
        ),
      ),
      pod(`${name}-3`, '', sleeper('')),
    ],
    ask: (name) =>
      ['', '-2', '-3']
        .map((end) => `kubectl exec ${name}${end} -- sh -c 'grep Seccomp: /proc/1/status; cat /proc/self/attr/current' | tr '\n' ' '`)
        .join(';'),
    want: /^Seccomp:\t2 unconfined Seccomp:\t2 unconfined Seccomp:\t0 cri-containerd\.apparmor\.d \(enforce\)/,
  },
  {
    name: 'a profile that the node has not got',
    objects: (name) => [pod(name, 'securityContext: {seccompProfile: {type: Localhost, localhostProfile: profiles/x.json}}')],
    ask: (name) => `kubectl get pod ${name} -o jsonpath='{.status.containerStatuses[0].state.waiting}'`,
    want: /cannot load seccomp profile .*CreateContainerError/,
  },
  {
    name: 'a profile of AppArmor that nobody loaded',
    objects: (name) => [pod(name, 'securityContext: {appArmorProfile: {type: Localhost, localhostProfile: mine}}')],
    ask: (name) => `kubectl get pod ${name} -o jsonpath='{.status.containerStatuses[0].state.waiting}'`,
    want: /apparmor profile not found mine.*CreateContainerError/,
  },
  {
    name: 'the full name as the host name',
    objects: (name) => [pod(name, 'hostname: me, subdomain: here, setHostnameAsFQDN: true', sleeper(''))],
    ask: (name) => `kubectl exec ${name} -- hostname`,
    want: 'me.here.default.svc.cluster.local',
  },
  {
    name: 'a full name that is too long',
    objects: (name) => [pod(name, `hostname: ${'a'.repeat(40)}, subdomain: here, setHostnameAsFQDN: true`, sleeper(''))],
    ask: events,
    want: /FailedCreatePodSandBox +Failed to create pod sandbox: failed to construct FQDN from pod hostname .* is too long \(64 characters is the max, 71 characters requested\)/,
  },
  {
    name: 'a policy of preemption that its class does not have',
    objects: (name) => [`apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: ${name}}\nvalue: 10`],
    ask: (name) => `kubectl apply -f - <<'END' 2>&1\n${pod(name, `priorityClassName: ${name}, preemptionPolicy: Never`)}\nEND`,
    want: 'the string value of PreemptionPolicy (Never) must not be provided in pod spec',
  },
  {
    name: 'whom a token is for, and for how long',
    objects: (name) => [
      pod(
        name,
        'volumes: [{name: t, projected: {sources: [{serviceAccountToken: {path: token, audience: vault, expirationSeconds: 1200}}]}}]',
        sleeper('volumeMounts: [{name: t, mountPath: /t}]'),
      ),
    ],
    ask: (name) =>
      `kubectl exec ${name} -- cat /t/token | cut -d. -f2 | tr '_-' '/+' | sed 's/$/==/' | base64 -d 2>/dev/null | jq -c '[.aud, .exp - .iat]'`,
    want: '[["vault"],1200]',
  },
  {
    name: 'a file that only its owner may read',
    objects: (name) => [
      `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {key: value}`,
      pod(
        name,
        `securityContext: {runAsUser: 1000}, volumes: [{name: s, secret: {secretName: ${name}, defaultMode: 0400}}]`,
        sleeper('volumeMounts: [{name: s, mountPath: /s}]'),
      ),
    ],
    ask: (name) => `kubectl exec ${name} -- cat /s/key`,
    want: 'cat: /s/key: Permission denied',
  },
  {
    name: 'a file that the group of the Pod may read',
    objects: (name) => [
      `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\nstringData: {key: value}`,
      pod(
        name,
        `securityContext: {runAsUser: 1000, fsGroup: 2000}, volumes: [{name: s, secret: {secretName: ${name}, defaultMode: 0400}}]`,
        sleeper('volumeMounts: [{name: s, mountPath: /s}]'),
      ),
    ],
    ask: (name) => `kubectl exec ${name} -- cat /s/key`,
    want: /^value/,
  },
  {
    name: 'a path of the node that is root’s',
    objects: (name) => [
      pod(
        name,
        'securityContext: {runAsUser: 1000}, volumes: [{name: h, hostPath: {path: /srv/own, type: DirectoryOrCreate}}]',
        sleeper('volumeMounts: [{name: h, mountPath: /h}]'),
      ),
    ],
    ask: (name) =>
      `kubectl exec ${name} -- sh -c 'echo x >/h/file'; kubectl exec ${name} -- touch /etc/x /tmp/x; kubectl exec ${name} -- ls -A /tmp /h`,
    want: /\/h\/file: Permission denied\n[\s\S]*touch: cannot touch '\/etc\/x': Permission denied\n[\s\S]*\/h:\n\n\/tmp:\nx/,
  },
  {
    name: 'somebody else’s processes may not write where they may read',
    objects: (name) => [pod(name, 'securityContext: {runAsUser: 1000}', sleeper(''))],
    ask: (name) =>
      `kubectl exec ${name} -- sh -c 'cat /etc/passwd >/dev/null && echo read; chmod 777 /etc/passwd; rm /etc/passwd; mkdir /new; mv /etc/group /tmp/g; ls /root >/dev/null && echo listed; echo end >/dev/termination-log && echo told'`,
    want: [
      'read\ntold',
      "chmod: changing permissions of '/etc/passwd': Operation not permitted",
      "rm: cannot remove '/etc/passwd': Permission denied",
      "mkdir: cannot create directory '/new': Permission denied",
      "mv: cannot move '/etc/group' to '/tmp/g': Permission denied",
      "ls: cannot open directory '/root': Permission denied",
    ].join('\n'),
  },
  {
    name: 'root without its usual rights is bound too',
    objects: (name) => [
      pod(
        name,
        'volumes: [{name: e, emptyDir: {}}], initContainers: [{name: a, image: busybox, securityContext: {runAsUser: 7}, command: [sh, -c, "umask 077; echo x >/e/f"], volumeMounts: [{name: e, mountPath: /e}]}]',
        sleeper('securityContext: {capabilities: {drop: [ALL]}}, volumeMounts: [{name: e, mountPath: /e}]'),
      ),
    ],
    ask: (name) => `kubectl exec ${name} -- cat /e/f`,
    want: 'Permission denied',
  },
]);
