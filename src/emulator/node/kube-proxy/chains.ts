/** Chains of iptables with their rules. */
export interface Chains {
  readonly builtIn: readonly string[];
  readonly rules: Map<string, string[]>;
}

export const builtInChains = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
} as const;

export const comment = (text: string): string => `-m comment --comment "${text}"`;

/** The kubelet's chain against packets to 127.0.0.0/8 from outside: IPv6 has no such problem, and no such chain. */
export function withoutFirewall(rules: Map<string, string[]>): void {
  rules.delete('KUBE-FIREWALL');
  for (const [chain, own] of rules)
    rules.set(
      chain,
      own.filter((rule) => rule !== '-j KUBE-FIREWALL'),
    );
}

/** A table as `iptables-save` prints it: chains of the kernel first, then by name. */
export function printChains(name: string, { builtIn, rules }: Chains): string {
  const own = [...rules.keys()].filter((chain) => !builtIn.includes(chain)).sort();
  const lines = [`*${name}`, ...builtIn.map((chain) => `:${chain} ACCEPT [0:0]`), ...own.map((chain) => `:${chain} - [0:0]`)];
  for (const chain of [...builtIn, ...own]) for (const rule of rules.get(chain) ?? []) lines.push(`-A ${chain} ${rule}`);
  return `${lines.join('\n')}\nCOMMIT\n`;
}
