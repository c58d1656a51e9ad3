import type { Kernel } from '../../kernel/index.ts';
import type { NatTable, Packet, TableNode } from '../network/index.ts';
import { RuleTable } from './rule-table.ts';
import type { ServicePort } from './service-port.ts';
import type { ProxyMode, ServiceTable } from './service-table.ts';
import { VirtualServerTable } from './virtual-servers.ts';

/**
 * Everything that kube-proxies have left in a node's kernel, mode by mode. A proxy cleans up what another mode left only between
 * nftables and the two others (cmd/kube-proxy/app/server_linux.go, platformCleanup): from iptables to ipvs the old chains stay, though
 * nothing leads into them, and from ipvs to iptables the virtual servers stay, behind rules that are asked first.
 */
export class NodeTables implements NatTable {
  iptables: RuleTable | undefined;
  ipvs: VirtualServerTable | undefined;
  nftables: RuleTable | undefined;
  /** Whether packets come to the chains of mode iptables: mode ipvs takes their way in. */
  isIptablesLinked = false;
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** The table for a proxy of this mode: the one that an earlier proxy left, if any. What the mode does not go together with goes. */
  open(mode: ProxyMode, nodeName: string): ServiceTable {
    this.clean(mode === 'nftables' ? ['iptables', 'ipvs'] : ['nftables']);
    if (mode === 'nftables') return (this.nftables ??= new RuleTable(this.#kernel, nodeName, 'nftables'));
    this.isIptablesLinked = mode === 'iptables';
    if (mode === 'ipvs') return (this.ipvs ??= new VirtualServerTable(this.#kernel, nodeName));
    return (this.iptables ??= new RuleTable(this.#kernel, nodeName));
  }

  /** The table that packets meet first. */
  get #first(): ServiceTable | undefined {
    return this.nftables ?? (this.isIptablesLinked ? this.iptables : undefined) ?? this.ipvs;
  }

  get ports(): readonly ServicePort[] {
    return this.#first?.ports ?? [];
  }

  get virtualIPs(): readonly string[] | undefined {
    return this.ipvs?.addresses;
  }

  /**
   * Removes all rules of these modes.
   *
   * Differs from Kubernetes: nothing at all stays of iptables, where upstream leaves a chain or two that do nothing.
   */
  clean(modes: readonly ProxyMode[]): void {
    for (const mode of modes) {
      const table = this[mode];
      this[mode] = undefined;
      table?.clear();
    }
  }

  /** Puts a table back that a proxy still fills after somebody cleaned up. */
  restore(table: ServiceTable): void {
    if (table instanceof VirtualServerTable) this.ipvs = table;
    else if (table instanceof RuleTable) this[table.mode] = table;
  }

  translate(packet: Packet, node: TableNode): 'accept' | 'reject' | 'drop' {
    const { ip, port } = packet;
    const rules = this.nftables ?? (this.isIptablesLinked ? this.iptables : undefined);
    const isPing = packet.protocol === 'ICMP';
    // Rules know ports of TCP and UDP only; nftables and ipvs have a say on every packet to an address of theirs.
    const verdict = !rules || (isPing && rules.mode === 'iptables') ? 'accept' : rules.translate(packet, node);
    if (verdict !== 'accept' || !this.ipvs || packet.ip !== ip || packet.port !== port) return verdict;
    return this.ipvs.translate(packet, node);
  }
}
