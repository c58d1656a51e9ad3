/**
 * The host-local IPAM plugin (containernetworking/plugins, plugins/ipam/host-local): addresses of one node's Pod CIDR.
 * The next address is the lowest free one after the last that was given, so that an address rests as long as possible.
 */

import { formatIPv6, parseIPv6 } from '../../machinery/ipv6.ts';
import type { Block } from '../network/index.ts';
import { covers, formatIPv4, isBlock6, parseIPv4, sizeOf } from '../network/index.ts';

/** More addresses than anybody asks for: a /64 has no fewer than that. */
const largest = 2 ** 48;

/** The address at an offset of a block. */
export function addressAt(block: Block, offset: number): string {
  return isBlock6(block) ? formatIPv6(block.base + BigInt(offset)) : formatIPv4(block.base + offset);
}

/** Where the block ends: the last address of IPv4 is the broadcast, IPv6 has none. */
export function endOf(block: Block): number {
  if (!isBlock6(block)) return sizeOf(block) - 1;
  return block.prefixLength < 80 ? largest : 2 ** (128 - block.prefixLength);
}

/** Undefined for an address that is not in the block. */
function offsetIn(block: Block, ip: string): number | undefined {
  if (!covers(block, ip)) return undefined;
  return isBlock6(block) ? Number(parseIPv6(ip)! - block.base) : parseIPv4(ip)! - block.base;
}

export class HostLocal {
  readonly cidr: Block;
  /** Who holds an address, by its offset in the block. */
  readonly #owners = new Map<number, string>();
  readonly #byOwner = new Map<string, number>();
  /** Offset 0 is the network's own address, 1 the gateway's. */
  #last = 1;

  constructor(cidr: Block) {
    this.cidr = cidr;
  }

  /** Addresses that are taken, with their containers, in no particular order. */
  get leases(): readonly { readonly ip: string; readonly containerID: string }[] {
    return [...this.#owners].map(([offset, containerID]) => ({ ip: addressAt(this.cidr, offset), containerID }));
  }

  addressOf(containerID: string): string | undefined {
    const offset = this.#byOwner.get(containerID);
    return offset === undefined ? undefined : addressAt(this.cidr, offset);
  }

  /** Undefined when the block is full. Asking again for the same container gives the same address. */
  allocate(containerID: string): string | undefined {
    const own = this.addressOf(containerID);
    if (own !== undefined) return own;
    const first = 2;
    const end = endOf(this.cidr);
    for (let tried = first, offset = this.#last; tried < end; tried++) {
      offset = offset + 1 >= end ? first : offset + 1;
      if (this.#owners.has(offset)) continue;
      this.#owners.set(offset, containerID);
      this.#byOwner.set(containerID, offset);
      this.#last = offset;
      return addressAt(this.cidr, offset);
    }
    return undefined;
  }

  /** Takes an address that somebody had before this configuration; one outside of the block is no matter. */
  reserve(ip: string, owner: string): void {
    if (!this.isUsable(ip)) return;
    const offset = offsetIn(this.cidr, ip)!;
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
    const offset = offsetIn(this.cidr, ip) ?? -1;
    return offset >= 2 && offset < endOf(this.cidr);
  }
}
