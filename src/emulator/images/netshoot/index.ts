import type { ImageDefinition } from '../image.ts';
import { programsIn } from '../image.ts';
import { busyboxFiles } from '../userland.ts';

/** Tools to look at names with: where they lie, other tools speak as BIND's and OpenBSD's do. */
export const nameTools = ['dig', 'host', 'nslookup'] as const;

/** Images made for looking at networks; on a Pod with the host's network they see the node's own tables. */
export const netshootImages: readonly ImageDefinition[] = [
  {
    repository: 'docker.io/nicolaka/netshoot',
    versions: [{ tags: ['latest', 'v0.14', 'v0.13'], sizeBytes: 210_400_000 }],
    config: { cmd: ['zsh'] },
    files: (_version, programs) => ({
      ...busyboxFiles(programs),
      ...programsIn('/bin', ['bash', 'zsh'], programs),
      ...programsIn('/usr/bin', [...nameTools, 'curl', 'getent', 'jq', 'openssl', 'tcpdump', 'traceroute', 'ping', 'nc', 'ncat'], programs),
      ...programsIn(
        '/usr/sbin',
        ['bridge', 'conntrack', 'ip', 'ipset', 'ip6tables', 'ip6tables-save', 'iptables', 'iptables-save', 'ipvsadm', 'nft', 'ss'],
        programs,
      ),
      '/etc/os-release': 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.21.3\nPRETTY_NAME="Alpine Linux v3.21"\n',
    }),
  },
  {
    repository: 'registry.k8s.io/e2e-test-images/jessie-dnsutils',
    versions: [{ tags: ['1.7', '1.5', '1.4', '1.3'], sizeBytes: 103_600_000 }],
    config: { cmd: ['bash'] },
    files: (_version, programs) => ({ ...busyboxFiles(programs), ...programsIn('/usr/bin', nameTools, programs) }),
  },
];
