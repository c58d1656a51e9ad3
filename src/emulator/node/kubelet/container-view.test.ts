/** What the processes of a container see of the fields of their Pod: a row for each, told by a command in the container. */
import { expect, test } from 'vitest';
import { programs } from '../../../terminal/programs.ts';
import { configMaps } from '../../api/core/config-map.ts';
import { secrets } from '../../api/core/secret.ts';
import type { Pod } from '../../api/generated/types.ts';
import { createTestNode } from './testing.ts';

interface Row {
  readonly name: string;
  readonly spec?: object;
  readonly container?: object;
  readonly volume?: object;
  readonly mount?: object;
  readonly command: string;
  readonly want: string | RegExp;
}

const env = (valueFrom: object) => ({ env: [{ name: 'X', valueFrom }] });
const maps = { name: 'm' };
const secret = { name: 's' };

const rows: readonly Row[] = [
  { name: 'a key of a Secret', container: env({ secretKeyRef: { ...secret, key: 'user' } }), command: 'echo $X', want: 'root' },
  {
    name: 'a key that may be absent',
    container: env({ secretKeyRef: { name: 'none', key: 'user', optional: true } }),
    command: 'echo "[$X]"',
    want: '[]',
  },
  {
    name: 'a key of a ConfigMap that may be absent',
    container: env({ configMapKeyRef: { name: 'none', key: 'user', optional: true } }),
    command: 'echo "[$X]"',
    want: '[]',
  },
  {
    name: 'an amount of its resources',
    container: {
      resources: { limits: { memory: '64Mi' } },
      ...env({ resourceFieldRef: { containerName: 'c', resource: 'limits.memory', divisor: '1Mi' } }),
    },
    command: 'echo $X',
    want: '64',
  },
  {
    name: 'all of a ConfigMap and of a Secret',
    container: { envFrom: [{ configMapRef: maps, prefix: 'M_' }, { secretRef: secret }] },
    command: 'echo $M_key $user',
    want: 'value root',
  },
  {
    name: 'sources that may be absent',
    container: { envFrom: [{ configMapRef: { name: 'none', optional: true } }, { secretRef: { name: 'none', optional: true } }] },
    command: 'echo here',
    want: 'here',
  },
  { name: 'the working directory', container: { workingDir: '/tmp' }, command: 'pwd', want: '/tmp' },
  {
    name: 'user and groups',
    spec: { securityContext: { runAsUser: 7, supplementalGroups: [9] } },
    container: { securityContext: { runAsGroup: 8 } },
    command: 'echo $(id -u) $(id -g) $(id -G)',
    want: '7 8 8 9',
  },
  {
    name: 'more names of hosts',
    spec: { hostAliases: [{ ip: '1.2.3.4', hostnames: ['far', 'away'] }] },
    command: 'grep 1.2.3.4 /etc/hosts',
    want: '1.2.3.4 far away',
  },
  {
    name: 'another name server',
    spec: {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['9.9.9.9'], searches: ['corp.example'], options: [{ name: 'ndots', value: '1' }, { name: 'rotate' }] },
    },
    command: 'cat /etc/resolv.conf',
    want: 'search corp.example nameserver 9.9.9.9 options ndots:1 rotate',
  },
  { name: 'a file below its volume', volume: { configMap: maps }, mount: { subPath: 'key' }, command: 'cat /v; echo', want: 'value' },
  {
    name: 'memory as a volume',
    volume: { emptyDir: { medium: 'Memory' } },
    command: 'df /v | tail -1',
    want: /^tmpfs .* \/v$/,
  },
  {
    name: 'chosen keys of a ConfigMap, with a mode',
    volume: { configMap: { ...maps, items: [{ key: 'key', path: 'a/b', mode: 0o400 }] } },
    command: 'cat /v/a/b; ls -l /v/a/b | cut -c1-10; ls /v',
    want: 'value-r-------- a',
  },
  {
    name: 'a ConfigMap that is not there',
    volume: { configMap: { name: 'none', optional: true } },
    command: 'ls /v; echo none',
    want: 'none',
  },
  {
    name: 'chosen keys of a Secret',
    volume: { secret: { secretName: 's', defaultMode: 0o440, items: [{ key: 'user', path: 'who' }] } },
    command: 'cat /v/who; echo; ls -l /v/..data/who | cut -c1-10; ls /v',
    want: 'root -r--r----- who',
  },
  {
    name: 'a Secret that is not there',
    volume: { secret: { secretName: 'none', optional: true } },
    command: 'ls /v; echo none',
    want: 'none',
  },
  {
    name: 'labels and amounts as files',
    container: { resources: { requests: { cpu: '250m' } } },
    volume: {
      downwardAPI: {
        defaultMode: 0o444,
        items: [
          { path: 'app', fieldRef: { fieldPath: "metadata.labels['app']" } },
          { path: 'cpu', mode: 0o400, resourceFieldRef: { containerName: 'c', resource: 'requests.cpu', divisor: '1m' } },
        ],
      },
    },
    command: 'cat /v/app; echo; cat /v/cpu; echo; ls -l /v/..data/ | cut -c1-10 | tail -2',
    want: 'web 250 -r--r--r-- -r--------',
  },
  {
    name: 'several sources in one volume',
    volume: {
      projected: {
        defaultMode: 0o444,
        sources: [
          { secret: { ...secret, items: [{ key: 'user', path: 'who' }] } },
          { secret: { name: 'none', optional: true } },
          { configMap: { ...maps, items: [{ key: 'key', path: 'what' }] } },
          { configMap: { name: 'none', optional: true } },
          { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
        ],
      },
    },
    command: 'cat /v/who; echo; cat /v/what; echo; cat /v/name; echo; ls /v; ls -l /v/..data/who | cut -c1-10',
    want: 'root value p name what who -r--r--r--',
  },
  { name: 'a terminal', container: { tty: true, stdin: true }, command: 'test -t 1 && echo yes', want: 'yes' },
  { name: 'a name of its own', spec: { hostname: 'box', subdomain: 'sub' }, command: 'hostname', want: 'box' },
];

test.each(rows)('a container sees $name', ({ spec, container, volume, mount, command, want }) => {
  const t = createTestNode({ programs });
  const metadata = (name: string) => ({ name, namespace: 'default' });
  t.make(configMaps as never, { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('m'), data: { key: 'value' } });
  t.make(secrets as never, { apiVersion: 'v1', kind: 'Secret', metadata: metadata('s'), stringData: { user: 'root' } });
  const own = { name: 'c', image: 'busybox', command: ['sh', '-c', `${command}; sleep 1000`] };
  const pod: Pod['spec'] = {
    containers: [{ ...own, ...container, ...(volume && { volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }) }],
    ...(volume && { volumes: [{ name: 'v', ...volume }] }),
    ...spec,
  };
  t.create('p', pod, { labels: { app: 'web' } });
  t.advance(10_000);
  const found = [...t.node.runtime.containers.values()].find(({ config }) => config.name === 'c')!;
  expect(found.log, t.events('p').join('\n')).toBeDefined();
  const lines = found.log!.lines.map(({ text }) => text.replace(/\r$/, ''));
  const said = lines.join('\n').trim().replaceAll(/\s+/g, ' ');
  if (typeof want === 'string') expect(said).toBe(want);
  else expect(said).toMatch(want);
});
