/** Service, Endpoints, EndpointSlice. */
import type { Json } from '../json.ts';
import { formatLabels } from '../printers/table-printer.ts';
import type { Page } from './page.ts';
import type { Related } from './workloads.ts';
import { hostPort } from '../../../emulator/machinery/ipv6.ts';

export function writeService(page: Page, object: Json, { endpointSlices = [] }: Related): void {
  const { metadata, spec, status } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'Selector', formatLabels(spec.selector));
  page.field(0, 'Type', spec.type);
  if (spec.ipFamilyPolicy) page.field(0, 'IP Family Policy', spec.ipFamilyPolicy);
  page.field(0, 'IP Families', spec.ipFamilies?.join(',') || '<none>');
  page.field(0, 'IP', spec.clusterIP ?? '');
  page.field(0, 'IPs', spec.clusterIPs?.join(',') || '<none>');
  if (spec.externalIPs?.length > 0) page.field(0, 'External IPs', spec.externalIPs.join(','));
  if (spec.loadBalancerIP) page.field(0, 'Desired LoadBalancer IP', spec.loadBalancerIP);
  if (spec.externalName) page.field(0, 'External Name', spec.externalName);
  const ingress: readonly Json[] = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0)
    page.field(
      0,
      'LoadBalancer Ingress',
      ingress.map((one) => (one.ip ? `${one.ip}${one.ipMode ? ` (${one.ipMode})` : ''}` : one.hostname)).join(', '),
    );
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>';
    page.line(0, `Port:\t${name}\t${port.port}/${port.protocol}`);
    page.field(0, 'TargetPort', `${port.targetPort}/${port.protocol}`);
    if (port.nodePort) page.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol}`);
    page.field(0, 'Endpoints', endpointsLine(endpointSlices, port.name ?? ''));
  }
  page.field(0, 'Session Affinity', spec.sessionAffinity ?? '');
  if (spec.externalTrafficPolicy) page.field(0, 'External Traffic Policy', spec.externalTrafficPolicy);
  if (spec.internalTrafficPolicy) page.field(0, 'Internal Traffic Policy', spec.internalTrafficPolicy);
  if (spec.healthCheckNodePort) page.field(0, 'HealthCheck NodePort', spec.healthCheckNodePort);
  if (spec.loadBalancerSourceRanges?.length > 0) page.field(0, 'LoadBalancer Source Ranges', spec.loadBalancerSourceRanges.join(','));
}

const shownEndpoints = 3;

/** As Go's net.JoinHostPort. */

/** Ready addresses of a port; the rest beyond three is counted. */
export function endpointsLine(slices: readonly Json[], port: string): string {
  if (slices.length === 0) return '<none>';
  const ready = slices.flatMap((slice: Json) => {
    const numbers: readonly (number | undefined)[] =
      (slice.ports ?? []).length === 0
        ? [undefined]
        : slice.ports.filter((one: Json) => (one.name ?? '') === port).map((one: Json) => one.port);
    const endpoints = (slice.endpoints ?? []).filter((one: Json) => one.conditions?.ready !== false);
    return numbers.flatMap((number) =>
      endpoints.map((one: Json) => (number === undefined ? one.addresses[0] : hostPort(one.addresses[0], number))),
    );
  });
  const list = ready.slice(0, shownEndpoints).join(',');
  return ready.length > shownEndpoints ? `${list} + ${ready.length - shownEndpoints} more...` : list;
}

export function writeEndpoints(page: Page, object: Json): void {
  const { metadata } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.line(0, 'Subsets:');
  for (const subset of object.subsets ?? []) {
    const addresses = (list: readonly Json[] | undefined): string => (list ?? []).map((one) => one.ip).join(',') || '<none>';
    page.field(1, 'Addresses', addresses(subset.addresses));
    page.field(1, 'NotReadyAddresses', addresses(subset.notReadyAddresses));
    if (subset.ports?.length > 0) {
      page.line(1, 'Ports:');
      portTable(page, subset.ports, 2);
    }
    page.line(0, '');
  }
}

function portTable(page: Page, ports: readonly Json[], level: number): void {
  page.line(level, 'Name\tPort\tProtocol');
  page.line(level, '----\t----\t--------');
  for (const port of ports) page.line(level, `${port.name || '<unset>'}\t${port.port ?? '<unset>'}\t${port.protocol ?? 'TCP'}`);
}

export function writeEndpointSlice(page: Page, object: Json): void {
  const { metadata } = object;
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.field(0, 'AddressType', object.addressType);
  if ((object.ports ?? []).length === 0) page.line(0, 'Ports: <unset>');
  else {
    page.line(0, 'Ports:');
    portTable(page, object.ports, 1);
  }
  if ((object.endpoints ?? []).length === 0) {
    page.line(0, 'Endpoints: <none>');
    return;
  }
  page.line(0, 'Endpoints:');
  for (const endpoint of object.endpoints) {
    page.field(1, '- Addresses', endpoint.addresses?.join(', ') || '<none>');
    page.line(2, 'Conditions:');
    page.field(3, 'Ready', endpoint.conditions?.ready ?? '<unset>');
    page.field(2, 'Hostname', endpoint.hostname ?? '<unset>');
    if (endpoint.targetRef) page.field(2, 'TargetRef', `${endpoint.targetRef.kind}/${endpoint.targetRef.name}`);
    page.field(2, 'NodeName', endpoint.nodeName ?? '<unset>');
    page.field(2, 'Zone', endpoint.zone ?? '<unset>');
  }
}
