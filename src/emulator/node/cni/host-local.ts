/**
 * The host-local IPAM plugin (containernetworking/plugins, plugins/ipam/host-local): addresses of one node's Pod CIDR.
 * The next address is the lowest free one after the last that was given, so that an address rests as long as possible.
 */

import type { Cidr } from '../network/index.ts';
import { formatIPv4, parseIPv4, sizeOf } from '../network/index.ts';

export class HostLocal {
  readonly cidr: Cidr;
  /** Who holds an address, by its offset in the block. */
  readonly #owners = new Map<number, string>();
  readonly #byOwner = new Map<string, number>();
  /** Offset 0 is the network's own address, 1 the gateway's. */
  #last = 1;

  constructor(cidr: Cidr) {
    this.cidr = cidr;
  }

  /** Addresses that are taken, with their containers, in no particular order. */
  get leases(): readonly { readonly ip: string; readonly containerID: string }[] {
    return [...this.#owners].map(([offset, containerID]) => ({ ip: formatIPv4(this.cidr.base + offset), containerID }));
  }

  addressOf(containerID: string): string | undefined {
    const offset = this.#byOwner.get(containerID);
    return offset === undefined ? undefined : formatIPv4(this.cidr.base + offset);
  }

  /** Undefined when the block is full. Asking again for the same container gives the same address. */
  allocate(containerID: string): string | undefined {
    const own = this.addressOf(containerID);
    if (own !== undefined) return own;
    const first = 2;
    const end = sizeOf(this.cidr) - 1; // The last address is the broadcast.
    for (let tried = first, offset = this.#last; tried < end; tried++) {
      offset = offset + 1 >= end ? first : offset + 1;
      if (this.#owners.has(offset)) continue;
      this.#owners.set(offset, containerID);
      this.#byOwner.set(containerID, offset);
      this.#last = offset;
      return formatIPv4(this.cidr.base + offset);
    }
    return undefined;
  }

  /** Takes an address that somebody had before this configuration; one outside of the block is no matter. */
  reserve(ip: string, owner: string): void {
    if (!this.isUsable(ip)) return;
    const offset = parseIPv4(ip)! - this.cidr.base;
    this.#owners.set(offset, owner);
    this.#byOwner.set(owner, offset);
  }

  /** Fine when the container has none: DEL may come twice. */
  release(containerID: string): void {
    const offset = this.#byOwner.get(containerID);
    if (offset === undefined) return;
    this.#byOwner.delete(containerID);
    this.#owners.delete(offset);
  }

  /** Whether an address lies in the block and may be given to a container. */
  isUsable(ip: string): boolean {
    const offset = (parseIPv4(ip) ?? -1) - this.cidr.base;
    return offset >= 2 && offset < sizeOf(this.cidr) - 1;
  }
}
