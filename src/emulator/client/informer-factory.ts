import type { Kind } from '../api/kind.ts';
import type { Kernel } from '../kernel/index.ts';
import type { ApiObject } from '../machinery/objects.ts';
import type { Client } from './client.ts';
import { Informer } from './informer.ts';

/** The informers of one component, shared by its parts: one list and watch a kind. */
export class InformerFactory {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #informers = new Map<Kind, Informer<never>>();
  #isStarted = false;

  constructor(kernel: Kernel, client: Client) {
    this.#kernel = kernel;
    this.#client = client;
  }

  /** The informer of a kind; one that is first asked for after `start` starts at once. */
  for<T extends ApiObject>(kind: Kind<T>): Informer<T> {
    const key = kind as unknown as Kind;
    let informer = this.#informers.get(key) as Informer<T> | undefined;
    if (!informer) {
      informer = new Informer(this.#kernel, this.#client, kind);
      this.#informers.set(key, informer as unknown as Informer<never>);
      if (this.#isStarted) informer.start();
    }
    return informer;
  }

  /** Stops the informer of a kind that is served no longer. */
  forget<T extends ApiObject>(kind: Kind<T>): void {
    const key = kind as unknown as Kind;
    this.#informers.get(key)?.stop();
    this.#informers.delete(key);
  }

  start(): void {
    this.#isStarted = true;
    for (const informer of this.#informers.values()) informer.start();
  }

  stop(): void {
    for (const informer of this.#informers.values()) informer.stop();
  }

  /** Calls back once every informer asked for so far has its first list. */
  onSync(callback: () => void): void {
    let left = this.#informers.size;
    if (left === 0) callback();
    for (const informer of [...this.#informers.values()]) informer.onSync(() => --left === 0 && callback());
  }
}
