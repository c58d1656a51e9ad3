/** Endpoints: pkg/registry/core/endpoint/strategy.go. */
import { fieldPath, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '../../machinery/names.ts';
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fill, mapSame } from '../fill.ts';
import type { EndpointAddress, Endpoints } from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, oneOf, validateEndpointIP, validateIP } from '../metadata/rules.ts';
import { hostPort } from '../../machinery/ipv6.ts';

const shown = 3;

function addresses(endpoints: Endpoints): string {
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) return '<none>';
  const all: string[] = [];
  for (const subset of subsets) {
    const ips = (subset.addresses ?? []).map(({ ip }) => ip);
    const ports = subset.ports ?? [];
    if (ports.length === 0) all.push(...ips);
    for (const { port } of ports) all.push(...ips.map((ip) => hostPort(ip, port)));
  }
  return all.length > shown ? `${all.slice(0, shown).join(',')} + ${all.length - shown} more...` : all.join(',');
}

/** validateEndpointAddress. */
function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: FieldPath, errors: FieldError[]): void {
  validateIP(ip, path.child('ip'), errors);
  if (hostname) complain(hostname, dns1123Label(hostname), path.child('hostname'), errors);
  if (nodeName !== undefined) complain(nodeName, dns1123Subdomain(nodeName), path.child('nodeName'), errors);
  validateEndpointIP(ip, path.child('ip'), errors);
}

/** validateEndpointSubsets of pkg/apis/core/validation/validation.go. */
function validateSubsets({ subsets = [] }: Endpoints, errors: FieldError[]): void {
  subsets.forEach(({ addresses: ready = [], notReadyAddresses = [], ports = [] }, i) => {
    const at = fieldPath('subsets').index(i);
    if (ready.length === 0 && notReadyAddresses.length === 0) errors.push(required(at, 'must specify `addresses` or `notReadyAddresses`'));
    ready.forEach((address, j) => {
      validateAddress(address, at.child('addresses').index(j), errors);
    });
    notReadyAddresses.forEach((address, j) => {
      validateAddress(address, at.child('notReadyAddresses').index(j), errors);
    });
    ports.forEach(({ name: portName, port, protocol, appProtocol }, j) => {
      const path = at.child('ports').index(j);
      if (!portName && ports.length > 1) errors.push(required(path.child('name')));
      else if (portName) complain(portName, dns1123Label(portName), path.child('name'), errors);
      complain(port, portNumber(port), path.child('port'), errors);
      oneOf(protocol, ['SCTP', 'TCP', 'UDP'], path.child('protocol'), errors);
      if (appProtocol !== undefined) complain(appProtocol, qualifiedName(appProtocol), path.child('appProtocol'), errors);
    });
  });
}

/** The descriptor of Endpoints. */
export const endpoints = defineKind<Endpoints>({
  kind: 'Endpoints',
  resource: 'endpoints',
  shortNames: ['ep'],
  storagePrefix: 'services/endpoints',
  setDefaults: (object) =>
    change(object, 'subsets', (subsets) =>
      mapSame(subsets, (subset) => change(subset, 'ports', (ports) => mapSame(ports, (port) => fill(port, { protocol: 'TCP' })))),
    ),
  validate(object) {
    const errors: FieldError[] = [];
    validateObjectMeta(object.metadata, { isNamespaced: true }, errors);
    validateSubsets(object, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateSubsets(next, errors);
    return errors;
  },
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [name(), text('Endpoints', 'Addresses that are ready.', addresses), age()],
});
