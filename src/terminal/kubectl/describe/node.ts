/** A Node, with what its Pods ask of it. Upstream: describeNode. */
import { canonicalQuantity } from '../../../emulator/machinery/quantity.ts';
import { addQuantity, compareQuantities, milliValue, parseQuantity, quantityValue } from '../../../emulator/machinery/quantity.ts';
import type { Json } from '../json.ts';
import type { Page } from './page.ts';
import { longTime } from './page.ts';
import type { Related } from './workloads.ts';

type Amounts = Readonly<Record<string, string>>;

export function writeNode(page: Page, node: Json, related: Related): void {
  const { metadata, spec, status = {} } = node;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Roles', rolesOf(metadata.labels ?? {}).join(',') || '<none>');
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'CreationTimestamp', longTime(metadata.creationTimestamp));
  const taints: readonly Json[] = [...(spec?.taints ?? [])].sort((a, b) => (`${a.effect},${a.key}` < `${b.effect},${b.key}` ? -1 : 1));
  page.list(
    'Taints',
    taints.map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`),
  );
  page.field(0, 'Unschedulable', spec?.unschedulable ?? false);
  writeLease(page, metadata.name, related.lease);
  if (status.conditions?.length > 0) {
    page.line(0, 'Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage');
    page.line(1, '----\t------\t-----------------\t------------------\t------\t-------');
    for (const one of status.conditions) {
      page.line(
        1,
        `${one.type} \t${one.status} \t${longTime(one.lastHeartbeatTime)} \t${longTime(one.lastTransitionTime)} \t${one.reason} \t${one.message}`,
      );
    }
  }
  page.line(0, 'Addresses:');
  for (const address of status.addresses ?? []) page.field(1, address.type, address.address);
  for (const [title, list] of [
    ['Capacity', status.capacity],
    ['Allocatable', status.allocatable],
  ]) {
    if (Object.keys(list ?? {}).length === 0) continue;
    page.line(0, `${title}:`);
    for (const name of Object.keys(list).sort()) page.field(1, name, canonicalQuantity(list[name]));
  }
  writeSystemInfo(page, status.nodeInfo ?? {});
  if (spec?.podCIDR) page.field(0, 'PodCIDR', spec.podCIDR);
  if (spec?.podCIDRs?.length > 0) page.field(0, 'PodCIDRs', spec.podCIDRs.join(','));
  if (spec?.providerID) page.field(0, 'ProviderID', spec.providerID);
  if (related.pods) writePods(page, node, related.pods);
  else page.field(0, 'Pods', 'not authorized');
}

function rolesOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const prefix = 'node-role.kubernetes.io/';
  return Object.entries(labels)
    .flatMap(([key, value]) =>
      key.startsWith(prefix) && key.length > prefix.length
        ? [key.slice(prefix.length)]
        : key === 'kubernetes.io/role' && value !== ''
          ? [value]
          : [],
    )
    .sort();
}

function writeLease(page: Page, name: string, lease: Json): void {
  if (lease === undefined) {
    page.field(0, 'Lease', `Failed to get lease: leases.coordination.k8s.io ${JSON.stringify(name)} not found`);
    return;
  }
  page.line(0, 'Lease:');
  page.field(1, 'HolderIdentity', lease.spec?.holderIdentity ?? '<unset>');
  page.field(1, 'AcquireTime', lease.spec?.acquireTime ? longTime(lease.spec.acquireTime) : '<unset>');
  page.field(1, 'RenewTime', lease.spec?.renewTime ? longTime(lease.spec.renewTime) : '<unset>');
}

function writeSystemInfo(page: Page, info: Json): void {
  page.line(0, 'System Info:');
  const rows = [
    ['Machine ID', info.machineID],
    ['System UUID', info.systemUUID],
    ['Boot ID', info.bootID],
    ['Kernel Version', info.kernelVersion],
    ['OS Image', info.osImage],
    ['Operating System', info.operatingSystem],
    ['Architecture', info.architecture],
    ['Container Runtime Version', info.containerRuntimeVersion],
    ['Kubelet Version', info.kubeletVersion],
    ['Kube-Proxy Version', info.kubeProxyVersion],
  ] as const;
  for (const [name, value] of rows) page.field(1, name, value ?? '');
}

function writePods(page: Page, node: Json, pods: readonly Json[]): void {
  const allocatable: Amounts = node.status?.allocatable ?? node.status?.capacity ?? {};
  const cell = (amount: string, name: string): string => `${amount} (${percent(amount, allocatable[name], name)}%)`;
  page.field(0, 'Non-terminated Pods', `(${pods.length} in total)`);
  page.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge');
  page.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---');
  let requests: Amounts = {};
  let limits: Amounts = {};
  for (const pod of pods) {
    const [asked, most] = [podAmounts(pod, 'requests'), podAmounts(pod, 'limits')];
    requests = plus(requests, asked);
    limits = plus(limits, most);
    const cells = [asked.cpu, most.cpu]
      .map((amount) => cell(amount ?? '0', 'cpu'))
      .concat([asked.memory, most.memory].map((amount) => cell(amount ?? '0', 'memory')));
    page.line(1, `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cells.join('\t')}\t${page.since(pod.metadata.creationTimestamp)}`);
  }
  page.line(0, 'Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)');
  page.line(1, 'Resource\tRequests\tLimits');
  page.line(1, '--------\t--------\t------');
  const standard = ['cpu', 'memory', 'ephemeral-storage'];
  const huge = Object.keys(allocatable)
    .filter((name) => name.startsWith('hugepages-'))
    .sort();
  for (const name of [...standard, ...huge])
    page.line(1, `${name}\t${cell(requests[name] ?? '0', name)}\t${cell(limits[name] ?? '0', name)}`);
  const extended = Object.keys(allocatable)
    .filter((name) => !standard.includes(name) && !name.startsWith('hugepages-') && name !== 'pods')
    .sort();
  for (const name of extended) page.line(1, `${name}\t${requests[name] ?? '0'}\t${limits[name] ?? '0'}`);
}

function percent(amount: string, of: string | undefined, name: string): number {
  const value = name === 'cpu' ? milliValue : quantityValue;
  const whole = of === undefined ? 0 : value(of);
  return whole === 0 ? 0 : Math.trunc((value(amount) / whole) * 100);
}

function plus(a: Amounts, b: Amounts): Amounts {
  const sum: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b))
    sum[name] = sum[name] === undefined ? parseQuantity(amount).text : addQuantity(parseQuantity(sum[name]), parseQuantity(amount)).text;
  return sum;
}

/** What a Pod asks for: its containers together, or its largest init container with the sidecars before it, and its overhead. */
function podAmounts(pod: Json, list: 'requests' | 'limits'): Amounts {
  let sum: Amounts = {};
  for (const container of pod.spec.containers) sum = plus(sum, container.resources?.[list] ?? {});
  let sidecars: Amounts = {};
  let largest: Amounts = {};
  for (const container of pod.spec.initContainers ?? []) {
    const own: Amounts = container.resources?.[list] ?? {};
    if (container.restartPolicy === 'Always') {
      sum = plus(sum, own);
      sidecars = plus(sidecars, own);
      largest = larger(largest, sidecars);
    } else largest = larger(largest, plus(own, sidecars));
  }
  const asked = larger(sum, largest);
  return pod.spec.overhead && (list === 'requests' || Object.keys(asked).length > 0) ? plus(asked, pod.spec.overhead) : asked;
}

function larger(a: Amounts, b: Amounts): Amounts {
  const most: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b))
    if (most[name] === undefined || compareQuantities(parseQuantity(amount), parseQuantity(most[name])) > 0) most[name] = amount;
  return most;
}
