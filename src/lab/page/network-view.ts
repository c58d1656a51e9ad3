/** What the page's view of the network shows: Services with their endpoints, Pods, policies, the last packets, and who reaches whom. */
import type { EndpointSlice, NetworkPolicy, Pod, Service } from '../../emulator/api/generated/types.ts';
import { selectorFromObject } from '../../emulator/machinery/labels.ts';
import { isOfComponents, networkPlugin, reachability } from '../../emulator/node/network/index.ts';
import type { LoggedPacket } from '../../emulator/node/network/index.ts';
import type { LabCluster } from '../cluster.ts';
import type { NetworkPodView, NetworkQuestion, NetworkView, PacketView, PolicyView, ServiceView } from './protocol.ts';

/** More packets than this are not listed, and a table of more Pods than this is not read. */
const maxPackets = 40;
const maxMatrixPods = 24;

export function networkView(cluster: LabCluster, startMs: number, { namespace, showsAll, showsMatrix }: NetworkQuestion): NetworkView {
  const { network } = cluster.emulated;
  const inNamespace = <T extends { readonly metadata: { readonly namespace?: string } }>(objects: readonly T[]): readonly T[] =>
    objects.filter(({ metadata }) => metadata.namespace === namespace);
  const pods = inNamespace(cluster.list('pods'));
  const policies = inNamespace(cluster.list('networkpolicies')).map((policy) => policyView(policy, pods));
  const slices = inNamespace(cluster.list('endpointslices'));
  const packets = network.log.entries.filter((packet) => packet.atMs >= startMs && (showsAll || !isOfComponents(packet)));
  return {
    plugin: networkPlugin(network),
    namespaces: cluster
      .list('namespaces')
      .map(({ metadata }) => metadata.name)
      .sort(),
    services: inNamespace(cluster.list('services')).map((service) => serviceView(service, slices)),
    pods: pods.map((pod) => podView(pod, policies)),
    policies,
    packets: packets
      .slice(-maxPackets)
      .reverse()
      .map((packet) => packetView(packet, startMs)),
    matrix: showsMatrix
      ? reachability(network, { isTarget: (name) => name === namespace, isSource: (name) => name === namespace, limit: maxMatrixPods })
      : undefined,
  };
}

const packetView = ({ atMs, ...packet }: LoggedPacket, startMs: number): PacketView => ({ ...packet, atMs: atMs - startMs });

function serviceView({ metadata, spec }: Service, slices: readonly EndpointSlice[]): ServiceView {
  const own = slices.filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === metadata.name);
  return {
    name: metadata.name,
    type: spec.type ?? 'ClusterIP',
    address: spec.type === 'ExternalName' ? (spec.externalName ?? '') : (spec.clusterIP ?? ''),
    ports: (spec.ports ?? []).map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol ?? 'TCP'}`),
    slices: own.map((slice) => ({
      name: slice.metadata.name,
      endpoints: (slice.endpoints ?? []).map(({ addresses, conditions, targetRef }) => ({
        address: `${addresses[0]}${portsText(slice)}`,
        pod: targetRef?.kind === 'Pod' ? (targetRef.name ?? '') : '',
        isReady: conditions?.ready !== false,
      })),
    })),
  };
}

function portsText({ ports }: EndpointSlice): string {
  const numbers = (ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [String(port)]));
  return numbers.length === 0 ? '' : `:${numbers.join(',')}`;
}

function policyView({ metadata, spec }: NetworkPolicy, pods: readonly Pod[]): PolicyView {
  const { matches } = selectorFromObject(spec?.podSelector ?? {});
  return {
    name: metadata.name,
    types: spec?.policyTypes ?? [],
    pods: pods.filter((pod) => !pod.spec.hostNetwork && matches(pod.metadata.labels)).map((pod) => pod.metadata.name),
  };
}

function podView({ metadata, spec, status }: Pod, policies: readonly PolicyView[]): NetworkPodView {
  return {
    name: metadata.name,
    ip: status?.podIP ?? '',
    node: spec.nodeName ?? '',
    policies: policies.filter(({ pods }) => pods.includes(metadata.name)).map(({ name }) => name),
  };
}
