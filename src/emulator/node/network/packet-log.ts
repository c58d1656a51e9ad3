/** The last packets that were on record, for `packets` and the page. A connection that is tried again counts as one. */
import type { PacketPath } from '../../kernel/index.ts';

export interface LoggedPacket extends PacketPath {
  /** From 1 upwards. */
  readonly id: number;
  /** Virtual milliseconds. */
  readonly atMs: number;
  /** How often it was sent: a SYN without an answer is sent again. */
  readonly attempts: number;
}

const limit = 400;

export class PacketLog {
  #entries: LoggedPacket[] = [];
  #lastId = 0;

  /** Oldest first. */
  get entries(): readonly LoggedPacket[] {
    return this.#entries;
  }

  /** `isAgain`: the same connection was tried before, without an answer. */
  add(packet: PacketPath, atMs: number, isAgain: boolean): void {
    const before = isAgain ? this.#entries.findLastIndex((entry) => isSame(entry, packet)) : -1;
    if (before >= 0) {
      const entry = this.#entries[before]!;
      this.#entries.splice(before, 1);
      this.#entries.push({ ...packet, id: entry.id, atMs, attempts: entry.attempts + 1 });
      return;
    }
    this.#entries.push({ ...packet, id: ++this.#lastId, atMs, attempts: 1 });
    if (this.#entries.length > 2 * limit) this.#entries = this.#entries.slice(-limit);
  }
}

/** Programs that a cluster is made of; what they send is seldom what a learner looks for. */
const components: ReadonlySet<string> = new Set([
  '',
  'kubelet',
  'kube-proxy',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'cloud-controller-manager',
  'kube-network-policies',
  'etcd',
  'coredns',
]);

/** Whether the cluster itself sent a packet, or kubectl asked the API server. */
export function isOfComponents({ from, to, program }: PacketPath): boolean {
  return components.has(program) || from.startsWith('kube-system/') || to.endsWith(':6443/TCP');
}

const isSame = (a: PacketPath, b: PacketPath): boolean =>
  a.outcome !== 'delivered' && a.from === b.from && a.to === b.to && a.program === b.program;
