/** Endpoints: pkg/registry/core/endpoint/strategy.go. */
import { age, name, text } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { change, fill, mapSame } from '../fill.ts';
import type { Endpoints } from '../generated/types.ts';

const shown = 3;

function addresses(endpoints: Endpoints): string {
  const subsets = endpoints.subsets ?? [];
  if (subsets.length === 0) return '<none>';
  const all: string[] = [];
  for (const subset of subsets) {
    const ips = (subset.addresses ?? []).map(({ ip }) => ip);
    const ports = subset.ports ?? [];
    if (ports.length === 0) all.push(...ips);
    for (const { port } of ports) all.push(...ips.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)));
  }
  return all.length > shown ? `${all.slice(0, shown).join(',')} + ${all.length - shown} more...` : all.join(',');
}

/** The descriptor of Endpoints. */
export const endpoints = defineKind<Endpoints>({
  kind: 'Endpoints',
  resource: 'endpoints',
  shortNames: ['ep'],
  storagePrefix: 'services/endpoints',
  setDefaults: (object) =>
    change(object, 'subsets', (subsets) => mapSame(subsets, (subset) => change(subset, 'ports', (ports) => mapSame(ports, (port) => fill(port, { protocol: 'TCP' }))))),
  warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  columns: [name(), text('Endpoints', 'Addresses that are ready.', addresses), age()],
});
