/** NetworkPolicy, Ingress, IngressClass, ServiceCIDR, IPAddress. */
import { civilTime, parseTime } from '../../../emulator/kernel/index.ts';
import type { Json } from '../json.ts';
import { endpointsLine } from './network.ts';
import type { Page } from './page.ts';
import { longTime, selectorLine } from './page.ts';
import type { Related } from './workloads.ts';

function writeHead(page: Page, { metadata }: Json): void {
  page.field(0, 'Name', metadata.name);
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
}

/** A time as Go prints one: `2025-11-03 09:00:32 +0000 UTC`. */
function goTime(time: string): string {
  const { year, month, day, hour, minute, second } = civilTime(parseTime(time)!);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)} +0000 UTC`;
}

export function writeNetworkPolicy(page: Page, { metadata, spec }: Json): void {
  page.field(0, 'Name', metadata.name);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'Created on', goTime(metadata.creationTimestamp));
  page.labels('Labels', metadata.labels);
  page.annotations('Annotations', metadata.annotations);
  page.line(0, 'Spec:');
  const selector = selectorLine(spec.podSelector);
  const pods = selector === '<none>' ? '<none> (Allowing the specific traffic to all pods in this namespace)' : selector;
  page.line(1, `PodSelector:     ${pods}`);
  const types: readonly string[] = spec.policyTypes ?? [];
  writeDirection(page, 'ingress', types.includes('Ingress') ? (spec.ingress ?? []) : undefined);
  writeDirection(page, 'egress', types.includes('Egress') ? (spec.egress ?? []) : undefined);
  page.line(1, `Policy Types: ${types.join(', ')}`);
}

function writeDirection(page: Page, direction: 'ingress' | 'egress', rules: readonly Json[] | undefined): void {
  if (!rules) {
    page.line(1, `Not affecting ${direction} traffic`);
    return;
  }
  page.line(1, `Allowing ${direction} traffic:`);
  if (rules.length === 0) page.line(2, `<none> (Selected pods are isolated for ${direction} connectivity)`);
  rules.forEach((rule, i) => {
    if (i > 0) page.line(2, '----------');
    writeRule(page, rule, direction);
  });
}

function writeRule(page: Page, rule: Json, direction: 'ingress' | 'egress'): void {
  const ports: readonly Json[] = rule.ports ?? [];
  if (ports.length === 0) page.line(2, 'To Port: <any> (traffic allowed to all ports)');
  for (const { port = '<nil>', endPort, protocol = 'TCP' } of ports)
    page.line(2, endPort === undefined ? `To Port: ${port}/${protocol}` : `To Port Range: ${port}-${endPort}/${protocol}`);
  const isIngress = direction === 'ingress';
  const peers: readonly Json[] = (isIngress ? rule.from : rule.to) ?? [];
  const word = isIngress ? 'From' : 'To';
  if (peers.length === 0) page.line(2, `${word}: <any> (traffic not restricted by ${isIngress ? 'source' : 'destination'})`);
  for (const { podSelector, namespaceSelector, ipBlock } of peers) {
    page.line(2, `${word}:`);
    if (namespaceSelector) page.line(3, `NamespaceSelector: ${selectorLine(namespaceSelector)}`);
    if (podSelector) page.line(3, `PodSelector: ${selectorLine(podSelector)}`);
    if (!ipBlock) continue;
    page.line(3, 'IPBlock:');
    page.line(4, `CIDR: ${ipBlock.cidr}`);
    page.line(4, `Except: ${(ipBlock.except ?? []).join(', ')}`);
  }
}

/** The Service behind an Ingress, or why it cannot be shown. */
export type Backend = { readonly service: Json; readonly slices: readonly Json[] } | { readonly error: string };

/** Backends of an Ingress in the order in which they stand. */
export function backendsOf({ spec }: Json): readonly Json[] {
  const paths = (spec.rules ?? []).flatMap((rule: Json) => rule.http?.paths ?? []);
  return [...(spec.defaultBackend ? [spec.defaultBackend] : []), ...paths.map((path: Json) => path.backend)];
}

function backendText({ service, resource }: Json, backends: ReadonlyMap<string, Backend>): string {
  if (!service) return resource ? `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}` : '';
  const { name, port = {} } = service;
  const text = `${name}:${port.number || port.name || ''}`;
  const backend = backends.get(name);
  if (!backend) return text;
  if ('error' in backend) return `${text} (<error: ${backend.error}>)`;
  const ports: readonly Json[] = backend.service.spec.ports ?? [];
  const found = ports.find((one) => (port.number ? one.port === port.number : Boolean(port.name) && one.name === port.name));
  return `${text} (${endpointsLine(backend.slices, found?.name ?? '')})`;
}

export function writeIngress(page: Page, object: Json, { backends = new Map() }: Related): void {
  const { metadata, spec, status } = object;
  const ingress: readonly Json[] = status?.loadBalancer?.ingress ?? [];
  const addresses = new Set(ingress.map((one) => one.ip || one.hostname).filter(Boolean));
  page.field(0, 'Name', metadata.name);
  page.labels('Labels', metadata.labels);
  page.field(0, 'Namespace', metadata.namespace);
  page.field(0, 'Address', [...addresses].sort().join(','));
  page.field(0, 'Ingress Class', spec.ingressClassName ?? '<none>');
  const fallback = spec.defaultBackend ? backendText(spec.defaultBackend, backends) : '<default>';
  page.field(0, 'Default backend', fallback);
  if (spec.tls?.length > 0) {
    page.line(0, 'TLS:');
    for (const { secretName, hosts = [] } of spec.tls)
      page.line(1, `${secretName ? `${secretName} terminates` : 'SNI routes'} ${hosts.join(',')}`);
  }
  page.line(0, 'Rules:\n  Host\tPath\tBackends');
  page.line(1, '----\t----\t--------');
  const rules = (spec.rules ?? []).filter((rule: Json) => rule.http);
  for (const { host, http } of rules) {
    page.line(1, `${host || '*'}\t`);
    for (const { path = '', backend } of http.paths) page.line(2, `\t${path} \t${backendText(backend, backends)}`);
  }
  if (rules.length === 0) page.line(1, `*\t*\t${fallback}`);
  page.annotations('Annotations', metadata.annotations);
}

export function writeIngressClass(page: Page, object: Json): void {
  writeHead(page, object);
  page.field(0, 'Controller', object.spec.controller);
  const { parameters } = object.spec;
  if (!parameters) return;
  page.line(0, 'Parameters:');
  if (parameters.apiGroup !== undefined) page.field(1, 'APIGroup', parameters.apiGroup);
  page.field(1, 'Kind', parameters.kind);
  page.field(1, 'Name', parameters.name);
}

export function writeServiceCIDR(page: Page, object: Json): void {
  writeHead(page, object);
  page.field(0, 'CIDRs', (object.spec.cidrs ?? []).join(', '));
  const conditions: readonly Json[] = object.status?.conditions ?? [];
  if (conditions.length === 0) return;
  page.line(0, 'Status:');
  page.line(0, 'Conditions:');
  page.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage');
  page.line(1, '----\t------\t------------------\t------\t-------');
  for (const { type, status, lastTransitionTime, reason, message } of conditions)
    page.line(1, `${type}\t${status}\t${longTime(lastTransitionTime)}\t${reason ?? ''}\t${message ?? ''}`);
}

export function writeIPAddress(page: Page, object: Json): void {
  writeHead(page, object);
  const { parentRef } = object.spec;
  if (!parentRef) return;
  page.line(0, 'Parent Reference:');
  page.field(1, 'Group', parentRef.group);
  page.field(1, 'Resource', parentRef.resource);
  page.field(1, 'Namespace', parentRef.namespace);
  page.field(1, 'Name', parentRef.name);
}
