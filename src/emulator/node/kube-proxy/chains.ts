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

/** A table as `iptables-save` prints it: chains of the kernel first, then by name. */
export function printChains(name: string, { builtIn, rules }: Chains): string {
  const own = [...rules.keys()].filter((chain) => !builtIn.includes(chain)).sort();
  const lines = [`*${name}`, ...builtIn.map((chain) => `:${chain} ACCEPT [0:0]`), ...own.map((chain) => `:${chain} - [0:0]`)];
  for (const chain of [...builtIn, ...own]) for (const rule of rules.get(chain) ?? []) lines.push(`-A ${chain} ${rule}`);
  return `${lines.join('\n')}\nCOMMIT\n`;
}
