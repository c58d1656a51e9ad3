/** The row of a Service, as printService of pkg/printers/internalversion/printers.go. */
import { age, formatLabels, name, text } from '../columns.ts';
import type { Service } from '../generated/types.ts';
import type { Column } from '../kind.ts';

function externalIP({ spec, status }: Service): string {
  const external = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return external.join(',') || '<none>';
    case 'LoadBalancer': {
      const ingress = new Set((status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean));
      return [...[...ingress].sort(), ...external].join(',') || '<pending>';
    }
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

function ports(service: Service): string {
  const list = (service.spec.ports ?? []).map(
    ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol ?? 'TCP'}`,
  );
  return list.join(',') || '<none>';
}

/** Columns of `kubectl get services`. */
export const serviceColumns: readonly Column<Service>[] = [
  name(),
  text('Type', 'How the Service is reached.', (service) => service.spec.type ?? ''),
  text('Cluster-IP', 'The address inside the cluster.', (service) => service.spec.clusterIPs?.[0] ?? service.spec.clusterIP ?? '<none>'),
  text('External-IP', 'Addresses from outside.', externalIP),
  text('Port(s)', 'Ports, with their node ports.', ports),
  age(),
  text('Selector', 'Labels of the Pods behind it.', (service) => formatLabels(service.spec.selector), 1),
];
