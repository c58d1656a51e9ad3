/**
 * Mistakes of networking and scheduling: what upstream answers, and that the words of the answer are found in a lesson, where a learner
 * who searches for them reads what to do.
 */
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;

const lessons = fs
  .readdirSync('docs', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.name.endsWith('.mdx'))
  .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));

const pod = (name: string, spec: string, labels = `{app: ${name}}`): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: ${labels}}\nspec: {containers: [{name: main, image: nginx}], ${spec}}`;
const needs = (name: string, other: string): string =>
  pod(
    name,
    `affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ${other}}}}]}}`,
  );
const spread = (when: string): string =>
  pod(
    `spread-${when.toLowerCase()}`,
    `topologySpreadConstraints: [{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: ${when}, labelSelector: {matchLabels: {app: x}}}]`,
  );
const nodePort = (name: string, number: number, protocol = 'TCP'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {type: NodePort, ports: [{port: 80, protocol: ${protocol}, nodePort: ${number}}]}`;

interface Mistake {
  readonly name: string;
  /** Applied first; may be refused. */
  readonly manifest?: string;
  /** What shows the mistake. */
  readonly look?: string;
  /** What upstream says, as far as it is the same everywhere. */
  readonly says: string | RegExp;
  /** Words of it that a lesson explains. */
  readonly found: string;
}

beforeAll(() => {
  // A block for each of the two machines, out of a range that the Services' lies in.
  shell = bootShell({ nodes: 1, seed: 3, podSubnet: '10.96.0.0/22', serviceSubnet: '10.96.0.0/23' });
  shell.apply(pod('client', 'nodeName: node-1').replace('image: nginx', 'image: busybox, command: [sleep, "99999"]'));
  shell.apply(nodePort('first', 30_123));
});

describe('a mistake is answered as upstream does, and found in a lesson', () => {
  test.each<Mistake>([
    {
      name: 'Services within the range of Pods: no node gets their part',
      look: "kubectl get nodes -o jsonpath='{.items[*].spec.podCIDR}'",
      says: '10.96.2.0/24 10.96.3.0/24',
      found: 'Three ranges must not overlap',
    },
    {
      name: 'Pod CIDRs that are used up: an event, and no block',
      manifest: 'apiVersion: v1\nkind: Node\nmetadata: {name: late}',
      look: 'kubectl get events --field-selector involvedObject.name=late; kubectl get node late -o jsonpath={.spec.podCIDR}',
      says: /CIDRNotAvailable +node\/late +Node late status is now: CIDRNotAvailable\n[^/]*node\/late[^\n]*$/,
      found: 'CIDRNotAvailable',
    },
    {
      name: 'a node port twice',
      manifest: nodePort('second', 30_123),
      says: 'The Service "second" is invalid: spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated',
      found: 'provided port is already allocated',
    },
    {
      name: 'a node port twice, for another protocol',
      manifest: nodePort('third', 30_123, 'UDP'),
      says: 'spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated',
      found: 'provided port is already allocated',
    },
    {
      name: 'a node port twice in one Service',
      manifest:
        'apiVersion: v1\nkind: Service\nmetadata: {name: twice}\nspec: {type: NodePort, ports: [{name: a, port: 80, nodePort: 30200}, {name: b, port: 81, nodePort: 30200}]}',
      says: 'The Service "twice" is invalid: spec.ports[1].nodePort: Duplicate value: 30200',
      found: 'nodePort',
    },
    {
      name: 'an address outside of the range',
      manifest: 'apiVersion: v1\nkind: Service\nmetadata: {name: far}\nspec: {clusterIP: 10.244.0.7, ports: [{port: 80}]}',
      says: 'failed to allocate IP 10.244.0.7: the provided network does not match the current range',
      found: 'the provided network does not match the current range',
    },
    {
      name: 'two families where there is one',
      manifest:
        'apiVersion: v1\nkind: Service\nmetadata: {name: two}\nspec: {ipFamilyPolicy: RequireDualStack, selector: {a: b}, ports: [{port: 80}]}',
      says: 'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
      found: 'this cluster is not configured for dual-stack services',
    },
    {
      name: 'a Service that selects nothing',
      manifest: 'apiVersion: v1\nkind: Service\nmetadata: {name: nobody}\nspec: {selector: {app: no-such}, ports: [{port: 80}]}',
      look: 'kubectl get endpointslices -l kubernetes.io/service-name=nobody; kubectl exec client -- wget -qO- -T 2 http://nobody',
      says: /nobody-\w+ +IPv4 +<unset> +<unset>[\s\S]*can't connect to remote host \([\d.]+\): Connection refused/,
      found: "can't connect to remote host",
    },
    {
      name: 'two Pods that wait for one another',
      manifest: `${needs('hen', 'egg')}\n---\n${needs('egg', 'hen')}`,
      look: "kubectl get pod egg -o jsonpath='{.status.conditions[0].message}'",
      says: /^0\/3 nodes are available: .*1 node\(s\) didn't match pod affinity rules/,
      found: "didn't match pod affinity rules",
    },
    {
      name: 'a topology key that no node has, as a condition',
      manifest: spread('DoNotSchedule'),
      look: "kubectl get pod spread-donotschedule -o jsonpath='{.status.conditions[0].message}'",
      says: /didn't match pod topology spread constraints \(missing required label\)/,
      found: 'missing required label',
    },
    {
      name: 'a topology key that no node has, as a wish: it is no matter',
      manifest: spread('ScheduleAnyway'),
      look: 'kubectl wait --for=condition=Ready pod/spread-scheduleanyway --timeout=60s',
      says: 'condition met',
      found: 'ScheduleAnyway',
    },
  ])('$name', ({ manifest, look, says, found }) => {
    const answer = manifest === undefined ? '' : shell.run(`kubectl apply -f - <<'END'\n${manifest}\nEND`);
    if (look !== undefined) shell.cluster.advance(10_000);
    expect(look === undefined ? answer : shell.run(look)).toMatch(says);
    expect(lessons.filter((text) => text.includes(found)).length).toBeGreaterThan(0);
  });
});
