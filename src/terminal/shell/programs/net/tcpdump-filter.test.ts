import { describe, expect, test } from 'vitest';
import type { Seen } from './tcpdump-filter.ts';
import { parseFilter } from './tcpdump-filter.ts';

const web: Seen = { protocol: 'TCP', source: '10.244.1.2', sourcePort: 40_000, destination: '10.244.2.3', destinationPort: 80 };
const dns: Seen = { ...web, protocol: 'UDP', destination: '10.96.0.10', destinationPort: 53 };
const ping: Seen = { ...web, protocol: 'ICMP', sourcePort: 0, destinationPort: 0 };

describe('filters', () => {
  test.each([
    { filter: '', want: 'web dns ping' },
    { filter: 'port 80', want: 'web' },
    { filter: 'port domain', want: 'dns' },
    { filter: 'tcp', want: 'web' },
    { filter: 'icmp', want: 'ping' },
    { filter: 'udp port 53', want: 'dns' },
    { filter: 'tcp port 53', want: '' },
    { filter: 'host 10.96.0.10', want: 'dns' },
    { filter: 'src 10.244.1.2', want: 'web dns ping' },
    { filter: 'dst host 10.244.2.3', want: 'web ping' },
    { filter: 'src port 80', want: '' },
    { filter: 'net 10.96.0.0/16', want: 'dns' },
    { filter: 'not port 53', want: 'web ping' },
    { filter: 'port 53 or icmp', want: 'dns ping' },
    { filter: 'host 10.244.2.3 and tcp', want: 'web' },
    { filter: 'not ( port 53 or port 80 )', want: 'ping' },
    { filter: '(port 53 or port 80) and dst net 10.244.0.0/16', want: 'web' },
  ])('$filter', ({ filter, want }) => {
    const matches = parseFilter(filter.split(' ').filter(Boolean))!;
    expect(
      Object.entries({ web, dns, ping })
        .flatMap(([name, seen]) => (matches(seen) ? [name] : []))
        .join(' '),
    ).toBe(want);
  });

  test.each(['port', 'port x', 'host', 'host web', 'and', 'tcp and', '( tcp', 'tcp )', 'net 10.0.0.0', 'ether host 1', 'src'])(
    '%s is no filter',
    (words) => {
      expect(parseFilter(words.split(' '))).toBeUndefined();
    },
  );
});
