/** Validation of EndpointSlices: pkg/apis/discovery/validation/validation.go. */
import { fieldPath, duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, portNumber, qualifiedName } from '../../machinery/names.ts';
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '../generated/types.ts';
import { validateImmutable, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, isIPv4, isIPv6, oneOf } from '../metadata/rules.ts';

const maxAddresses = 100;
const maxEndpoints = 1000;
const maxPorts = 20_000;

function validateAddress(address: string, type: string, path: FieldPath, errors: FieldError[]): void {
  if (type === 'FQDN') complain(address, dns1123Subdomain(address), path, errors);
  else if (type === 'IPv4' && !isIPv4(address)) errors.push(invalid(path, address, 'must be a valid IPv4 address'));
  else if (type === 'IPv6' && !isIPv6(address)) errors.push(invalid(path, address, 'must be a valid IPv6 address'));
}

function validateEndpoint({ addresses = [], hostname, nodeName }: Endpoint, type: string, path: FieldPath, errors: FieldError[]): void {
  if (addresses.length === 0) errors.push(required(path.child('addresses'), 'must contain at least 1 address'));
  else if (addresses.length > maxAddresses) errors.push(tooMany(path.child('addresses'), addresses.length, maxAddresses));
  addresses.forEach((address, i) => {
    validateAddress(address, type, path.child('addresses').index(i), errors);
  });
  if (hostname !== undefined) complain(hostname, dns1123Label(hostname), path.child('hostname'), errors);
  if (nodeName !== undefined) complain(nodeName, dns1123Subdomain(nodeName), path.child('nodeName'), errors);
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[], errors: FieldError[]): void {
  const names = new Set<string>();
  if (ports.length > maxPorts) errors.push(tooMany(fieldPath('ports'), ports.length, maxPorts));
  ports.forEach((port, i) => {
    const at = fieldPath('ports').index(i);
    const { name = '' } = port;
    if (name) complain(name, dns1123Label(name), at.child('name'), errors);
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
    if (port.port !== undefined) complain(port.port, portNumber(port.port), at.child('port'), errors);
    oneOf(port.protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol'), errors);
    if (port.appProtocol !== undefined) complain(port.appProtocol, qualifiedName(port.appProtocol), at.child('appProtocol'), errors);
  });
}

const goodEndpoints = new WeakSet<Endpoint>();

function validateContent({ addressType, endpoints = [], ports }: EndpointSlice, errors: FieldError[]): void {
  if (!addressType) errors.push(required(fieldPath('addressType')));
  else if (!['FQDN', 'IPv4', 'IPv6'].includes(addressType))
    errors.push(notSupported(fieldPath('addressType'), addressType, ['FQDN', 'IPv4', 'IPv6']));
  if (endpoints.length > maxEndpoints) errors.push(tooMany(fieldPath('endpoints'), endpoints.length, maxEndpoints));
  endpoints.forEach((endpoint, i) => {
    // A slice of a hundred is written for each Pod that joins: those that were good before still are.
    if (goodEndpoints.has(endpoint)) return;
    const before = errors.length;
    validateEndpoint(endpoint, addressType, fieldPath('endpoints').index(i), errors);
    if (errors.length === before) goodEndpoints.add(endpoint);
  });
  validatePorts(ports ?? [], errors);
}

/** Errors of a new slice. */
export function validateEndpointSlice(slice: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMeta(slice.metadata, { isNamespaced: true }, errors);
  validateContent(slice, errors);
  return errors;
}

/** Errors of an update: the type of addresses stays. */
export function validateEndpointSliceUpdate(next: EndpointSlice, previous: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = [];
  validateObjectMetaUpdate(next, previous, errors);
  validateContent(next, errors);
  validateImmutable(next.addressType, previous.addressType, fieldPath('addressType'), errors);
  return errors;
}
