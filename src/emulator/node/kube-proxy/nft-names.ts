/** Names of chains in mode nftables (pkg/proxy/nftables/proxier.go, hashAndTruncate): a hash, and what it is the hash of. */
import type { Endpoint, ServicePort } from './service-port.ts';
import { chainHash } from './service-port.ts';

const maxLength = 240;

/** `namespace/name/tcp/port`. */
function baseOf({ name, protocol }: ServicePort): string {
  const [service, port = ''] = name.split(':');
  return `${service}/${protocol.toLowerCase()}/${port}`;
}

function hashed(prefix: string, base: string): string {
  return `${prefix}-${chainHash(base).slice(0, 8)}-${base.length > maxLength ? `${base.slice(0, maxLength - 3)}...` : base}`;
}

export function nftChain(prefix: 'service' | 'local' | 'external' | 'firewall', port: ServicePort): string {
  return hashed(prefix, baseOf(port));
}

export function endpointNftChain(prefix: 'endpoint' | 'affinity', port: ServicePort, { ip, port: number }: Endpoint): string {
  return hashed(prefix, `${baseOf(port)}__${ip}/${number}`);
}
