/** Validation of EndpointSlices: pkg/apis/discovery/validation/validation.go. */
import { fieldPath, duplicate, invalid, notSupported, required, tooMany } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from '../../machinery/names.ts';
import type { Complaints } from '../../machinery/names.ts';
import type { DiscoveryV1EndpointPort, Endpoint, EndpointHints, EndpointSlice } from '../generated/types.ts';
import { validateImmutable, validateLabels, validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { complain, isIPv4, isIPv6, validateEndpointIP, validateIP } from '../metadata/rules.ts';

const maxAddresses = 100;
const maxEndpoints = 1000;
const maxPorts = 20_000;
const maxHints = 8;
const protocols = ['SCTP', 'TCP', 'UDP'];

function validateAddress(address: string, i: number, type: string, path: FieldPath, errors: FieldError[]): void {
  const before = errors.length;
  if (type === 'FQDN') complain(address, dns1123Subdomain(address), path.index(i), errors);
  if (type !== 'IPv4' && type !== 'IPv6') return;
  validateIP(address, path.index(i), errors);
  if (errors.length > before) return;
  // Upstream names the list here, not the element.
  if (!(type === 'IPv4' ? isIPv4(address) : isIPv6(address))) errors.push(invalid(path, address, `must be an ${type} address`));
  validateEndpointIP(address, path.index(i), errors);
}

function validateNames(
  names: readonly string[],
  path: FieldPath,
  { max, rule }: { readonly max: number; readonly rule: (name: string) => Complaints },
  errors: FieldError[],
): boolean {
  if (names.length > max) {
    errors.push(tooMany(path, names.length, max));
    return false;
  }
  names.forEach((name, i) => {
    const at = path.index(i).child('name');
    if (names.indexOf(name) < i) errors.push(duplicate(at, name));
    complain(name, rule(name), at, errors);
  });
  return true;
}

/** validateHints: after a list that is too long upstream looks no further. */
function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: FieldPath, errors: FieldError[]): void {
  const names = (list: readonly { readonly name: string }[]): readonly string[] => list.map(({ name }) => name);
  if (validateNames(names(forZones), path.child('forZones'), { max: maxHints, rule: labelValue }, errors))
    validateNames(names(forNodes), path.child('forNodes'), { max: maxHints, rule: dns1123Subdomain }, errors);
}

function validateEndpoint(
  { addresses = [], hostname, nodeName, deprecatedTopology, hints }: Endpoint,
  type: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (addresses.length === 0) errors.push(required(path.child('addresses'), 'must contain at least 1 address'));
  else if (addresses.length > maxAddresses) errors.push(tooMany(path.child('addresses'), addresses.length, maxAddresses));
  addresses.forEach((address, i) => {
    validateAddress(address, i, type, path.child('addresses'), errors);
  });
  if (nodeName !== undefined) complain(nodeName, dns1123Subdomain(nodeName), path.child('nodeName'), errors);
  validateLabels(deprecatedTopology, path.child('deprecatedTopology'), errors);
  if (hostname !== undefined) complain(hostname, dns1123Label(hostname), path.child('hostname'), errors);
  if (hints) validateHints(hints, path.child('hints'), errors);
}

function validatePorts(ports: readonly DiscoveryV1EndpointPort[], errors: FieldError[]): void {
  const names = new Set<string>();
  if (ports.length > maxPorts) {
    errors.push(tooMany(fieldPath('ports'), ports.length, maxPorts));
    return;
  }
  ports.forEach((port, i) => {
    const at = fieldPath('ports').index(i);
    const { name = '' } = port;
    if (name) complain(name, dns1123Label(name), at.child('name'), errors);
    if (names.has(name)) errors.push(duplicate(at.child('name'), name));
    names.add(name);
    if (port.protocol === undefined) errors.push(required(at.child('protocol')));
    else if (!protocols.includes(port.protocol)) errors.push(notSupported(at.child('protocol'), port.protocol, protocols));
    if (port.appProtocol !== undefined) complain(port.appProtocol, qualifiedName(port.appProtocol), at.child('appProtocol'), errors);
  });
}

const goodEndpoints = new WeakSet<Endpoint>();

function validateContent({ addressType, ports, ...slice }: EndpointSlice, errors: FieldError[]): void {
  const endpoints = slice.endpoints ?? [];
  if (!addressType) errors.push(required(fieldPath('addressType')));
  else if (!['FQDN', 'IPv4', 'IPv6'].includes(addressType))
    errors.push(notSupported(fieldPath('addressType'), addressType, ['FQDN', 'IPv4', 'IPv6']));
  validatePorts(ports ?? [], errors);
  if (endpoints.length > maxEndpoints) {
    errors.push(tooMany(fieldPath('endpoints'), endpoints.length, maxEndpoints));
    return;
  }
  endpoints.forEach((endpoint, i) => {
    // A slice of a hundred is written for each Pod that joins: those that were good before still are.
    if (goodEndpoints.has(endpoint)) return;
    const before = errors.length;
    validateEndpoint(endpoint, addressType, fieldPath('endpoints').index(i), errors);
    if (errors.length === before) goodEndpoints.add(endpoint);
  });
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
