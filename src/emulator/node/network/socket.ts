import type { Address, Listener, Service, Transport } from '../../kernel/index.ts';
import { Process } from '../../kernel/index.ts';
import type { Connection } from './connection.ts';
import type { Namespace } from './namespace.ts';

/** A listening socket, or a bound one for UDP. It ends with its process, and with it the connections that it accepted. */
export class Socket implements Listener {
  readonly address: Address;
  readonly protocol: Transport;
  readonly service: Service;
  /** The process that listens, as `ss -p` shows it; undefined for a part of the emulator that is no process. */
  readonly process: Process | undefined;
  isOpen = true;
  accepted = 0;
  readonly #namespace: Namespace;
  readonly #disposer: (() => void) | undefined;
  /** Allocated by the first connection: most servers of a large cluster never see one. */
  #connections: Set<Connection> | undefined;

  constructor(namespace: Namespace, address: Address, protocol: Transport, service: Service) {
    this.#namespace = namespace;
    this.address = address;
    this.protocol = protocol;
    this.service = service;
    const { current } = namespace.kernel;
    this.process = current instanceof Process ? current : undefined;
    if (!this.process) return;
    this.#disposer = () => this.close();
    this.process.own(this.#disposer);
  }

  get owner(): object | undefined {
    return this.process?.machine;
  }

  /** Accepted and open. */
  get connections(): Set<Connection> {
    return (this.#connections ??= new Set());
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#namespace.forget(this);
    const owned = this.process?.owned;
    const at = owned ? owned.lastIndexOf(this.#disposer!) : -1;
    if (at >= 0) owned!.splice(at, 1);
    for (const connection of [...(this.#connections ?? [])]) connection.close();
  }

  /** Whether a packet to this address of the namespace reaches it. */
  accepts(ip: string): boolean {
    return this.address.ip === '0.0.0.0' || this.address.ip === ip;
  }
}
