/** `~/.kube/kuberc`: aliases and other defaults. */
import type { Area } from '../area.ts';

const file = (rest: string): string => `apiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n${rest}`;

export const preferences: Area = {
  name: 'preferences',
  cluster: 'control-plane',
  files: {
    '.kube/kuberc': file(`aliases:
- name: getn
  command: get
  prependArgs: [namespace]
  flags: [{name: output, default: name}]
- name: mkcm
  command: create configmap
  flags: [{name: dry-run, default: client}, {name: output, default: yaml}]
  appendArgs: [--from-literal=a=b]
- name: setenv
  command: set env
  appendArgs: [A=B]
- name: get
  command: describe
- name: nothing
  command: bogus
- name: badflag
  command: get
  flags: [{name: bogus, default: x}]
overrides:
- command: delete
  flags: [{name: ignore-not-found, default: "true"}]
- command: version
  flags: [{name: client, default: "true"}]
- command: api-resources
  flags: [{name: no-headers, default: "true"}, {name: api-group, default: policy}]
`),
    other: file('aliases:\n- {name: cms, command: get, prependArgs: [configmaps], flags: [{name: no-headers, default: "true"}]}\n'),
    'bad-name': file('aliases:\n- {name: a-b, command: get}\n'),
    twice: file('aliases:\n- {name: a, command: get}\n- {name: a, command: get}\n'),
    dashed: file('overrides:\n- {command: get, flags: [{name: --output, default: yaml}]}\n'),
    'no-flag': file('overrides:\n- {command: get, flags: [{name: bogus, default: yaml}]}\n'),
    'no-command': file('overrides:\n- {command: bogus, flags: [{name: output, default: yaml}]}\n'),
    'wrong-value': file('overrides:\n- {command: get, flags: [{name: chunk-size, default: many}]}\n'),
    overridden: file('aliases:\n- {name: gg, command: get}\noverrides:\n- {command: gg, flags: [{name: output, default: yaml}]}\n'),
    unknown: file('aliases:\n- {name: gg, command: get, prependArgs: [ns], colour: blue}\n'),
    'wrong-type': file('aliases:\n- {name: gg, command: get, flags: [{name: output, default: 3}]}\n'),
    'other-kind': 'apiVersion: v1\nkind: ConfigMap\n',
    empty: '',
    documents: `apiVersion: v1\nkind: Other\n---\n${file('aliases:\n- {name: gg, command: get, prependArgs: [ns], flags: [{name: output, default: name}]}\n')}`,
  },
  commands: [
    'getn',
    'getn default',
    'getn default -o wide',
    'getn default -ojson',
    'getn --bogus',
    'getn nobody',
    'mkcm one',
    'mkcm one --dry-run=server',
    'mkcm',
    'create deployment web --image=nginx',
    'setenv deploy/web',
    'set env deploy/web --list',
    'get namespace default',
    'delete configmap nobody',
    'delete configmap nobody --ignore-not-found=false',
    'version',
    'api-resources',
    'api-resources --api-group=apps --no-headers=false',
    'nothing',
    'cms --kuberc=other',
    'create configmap mine --kuberc=other',
    'cms --kuberc other',
    'cms',
    'cms -h --kuberc',
    'cms --kuberc=missing',
    'cms --kuberc=',
    'get ns --kuberc=bad-name',
    'get ns --kuberc=twice',
    'get ns --kuberc=dashed',
    'get ns --kuberc=no-flag',
    'get ns --kuberc=no-command',
    'get ns --kuberc=wrong-value',
    'get ns --kuberc=overridden',
    'gg --kuberc=overridden',
    'gg --kuberc=unknown',
    'gg --kuberc=wrong-type',
    'get ns --kuberc=other-kind',
    'get ns --kuberc=empty',
    'gg --kuberc=documents',
  ],
};
