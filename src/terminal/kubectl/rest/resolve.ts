/** Where the server of a kubeconfig is: its URL taken apart, its name looked up in /etc/hosts. */

import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { textOf } from '../../../emulator/kernel/index.ts';
import { CommandError } from '../errors.ts';

export interface Server {
  readonly origin: string;
  /** `host:port` as it stands in the URL. */
  readonly authority: string;
  /** The name or address alone. */
  readonly name: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Its address; undefined when nobody knows the name. */
  address(sys: Sys): Call<string | undefined>;
}

export function resolveServer(url: string): Server {
  const match = /^(?:(https?):\/\/)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?(\/.*)?$/.exec(url);
  if (!match) throw new CommandError(`parse ${JSON.stringify(url)}: invalid URL`);
  const isTls = (match[1] ?? 'http') === 'https';
  const host = match[2]!;
  const port = match[3] === undefined ? (isTls ? 443 : 80) : Number(match[3]);
  const name = host.replace(/^\[|\]$/g, '');
  const authority = match[3] === undefined ? host : `${host}:${match[3]}`;
  return {
    origin: `${isTls ? 'https' : 'http'}://${authority}${match[4] ?? ''}`,
    authority,
    name,
    port,
    isTls,
    *address(sys) {
      if (name === 'localhost') return '127.0.0.1';
      if (/^[\d.]+$/.test(name) || name.includes(':')) return name;
      // Differs from Kubernetes: a server's name is looked up in /etc/hosts only, not by DNS.
      return hostsEntry(sys, name);
    },
  };
}

function hostsEntry(sys: Sys, name: string): string | undefined {
  if (!sys.fs.find('/etc/hosts')) return undefined;
  for (const line of textOf(sys.fs.readFile('/etc/hosts')).split('\n')) {
    const [ip, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (ip && names.includes(name)) return ip;
  }
  return undefined;
}

/** What Go's dialer says of a name that nobody knows: `dial tcp: lookup NAME on SERVER:53: no such host`. */
export function unknownHost(sys: Sys, { name }: Server): string {
  const config = sys.fs.find('/etc/resolv.conf') ? textOf(sys.fs.readFile('/etc/resolv.conf')) : '';
  const nameserver = /^nameserver\s+(\S+)/m.exec(config)?.[1];
  return `dial tcp: lookup ${name}${nameserver === undefined ? '' : ` on ${nameserver}:53`}: no such host`;
}
