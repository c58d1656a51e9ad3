/** EndpointSlice: pkg/registry/discovery/endpointslice/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fillNil, mapSame } from '../fill.ts';
import type { EndpointSlice } from '../generated/types.ts';
import { validateEndpointSlice, validateEndpointSliceUpdate } from './validation.ts';

const shown = 3;

function some(list: readonly string[]): string {
  return list.length > shown ? `${list.slice(0, shown).join(',')} + ${list.length - shown} more...` : list.join(',') || '<unset>';
}

/** A list without endpoints is null to a client, as Go writes it. */
function withoutEmptyList(slice: EndpointSlice): EndpointSlice {
  return slice.endpoints?.length ? slice : { ...slice, endpoints: null };
}

/** The descriptor of EndpointSlice. */
export const endpointSlices = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  hasGeneration: true,
  setDefaults: (slice) => change(slice, 'ports', (ports) => mapSame(ports, (port) => fillNil(port, { name: '', protocol: 'TCP' }))),
  prepareForCreate: withoutEmptyList,
  prepareForUpdate: withoutEmptyList,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  columns: [
    name(),
    text('AddressType', 'IPv4, IPv6 or FQDN.', (slice) => slice.addressType),
    text('Ports', 'Ports of every endpoint.', (slice) => some((slice.ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')))),
    text('Endpoints', 'Addresses, ready or not.', (slice) => some((slice.endpoints ?? []).flatMap(({ addresses }) => addresses))),
    age(),
  ],
});
