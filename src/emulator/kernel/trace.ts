/**
 * The record of everything that happens, each with its virtual time and the record that caused it. Sequence diagrams,
 * the timeline, the "why" panels and history checks are views of it. It costs one test of `isOn` while nobody listens.
 */
import type { EventLoop } from './event-loop.ts';

/** The object that a record is about. */
export interface TraceObject {
  /** The plural resource name, as in a URL. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string | undefined;
}

/** Where a packet came by, in order; a packet that dies ends with `refusal` or `loss`. */
export interface PacketHop {
  readonly kind: 'start' | 'interface' | 'nat' | 'policy' | 'route' | 'tunnel' | 'wire' | 'arrival' | 'answer' | 'refusal' | 'loss';
  /** The machine on which it is. */
  readonly node: string;
  /** What happens there, in a few words. */
  readonly text: string;
  /** Its addresses from here on, `10.244.1.2` and `10.96.0.1:80`. */
  readonly source: string;
  readonly destination: string;
  /** The interface by which it passes, for the kinds that have one. */
  readonly device?: string | undefined;
  /** NetworkPolicies that were looked at, and whether each lets the packet through. */
  readonly policies?: readonly { readonly name: string; readonly allows: boolean }[] | undefined;
}

export interface PacketPath {
  /** `default/client (10.244.1.2)`. */
  readonly from: string;
  /** As the sender addressed it: `10.96.0.1:80/TCP`. */
  readonly to: string;
  /** The program that sent it, '' for a part of the emulator that is no process. */
  readonly program: string;
  /** What a query was about: `A web.default.svc.cluster.local.` */
  readonly about?: string | undefined;
  readonly hops: readonly PacketHop[];
  /** 'delivered' or the name of the error that the sender saw. */
  readonly outcome: string;
  /** Where and why it ended, in a sentence. */
  readonly why: string;
}

/** What a part of the cluster says of one happening. */
export type TraceDetail =
  /** A request that the API server answered. `user` is the authenticated name, `agent` the client's. */
  | {
      readonly type: 'request';
      readonly verb: string;
      readonly subresource?: string | undefined;
      readonly user: string;
      readonly agent: string;
      readonly code: number;
      readonly reason?: string | undefined;
      readonly revision?: string | undefined;
      /** What admission has to say to whoever audits. */
      readonly annotations?: Readonly<Record<string, string>> | undefined;
    }
  /** etcd wrote a revision. */
  | { readonly type: 'storage'; readonly change: 'create' | 'update' | 'delete'; readonly revision: number }
  /** A watch event reached a client. */
  | { readonly type: 'watch'; readonly event: string; readonly revision: string; readonly to: string }
  /** A component decided: the scheduler about a node, RBAC about a rule, admission about a field. */
  | {
      readonly type: 'decision';
      readonly by: string;
      readonly verdict: string;
      readonly message?: string | undefined;
      readonly data?: unknown;
    }
  /** The runtime did something with a container. */
  | {
      readonly type: 'container';
      readonly what: 'pulling' | 'pulled' | 'created' | 'started' | 'exited' | 'killed' | 'removed';
      readonly container: string;
      readonly node: string;
      readonly exitCode?: number | undefined;
    }
  /** A probe found something else than the time before. */
  | {
      readonly type: 'probe';
      readonly probe: string;
      readonly container: string;
      readonly result: string;
      readonly message?: string | undefined;
    }
  /** The first packet of a connection, or a datagram, went from hop to hop. */
  | ({ readonly type: 'packet' } & PacketPath);

export type TraceRecord = TraceDetail & {
  /** From 1 upwards. */
  readonly id: number;
  /** Virtual milliseconds. */
  readonly atMs: number;
  /** The record that caused it, 0 if it came from outside. */
  readonly cause: number;
  /** The component that did it: `kube-scheduler`, `kubelet@node-1`, `user`. */
  readonly component: string;
  readonly object?: TraceObject | undefined;
};

export type TraceListener = (record: TraceRecord) => void;

export class Trace {
  /** Look at this before building a record. */
  isOn = false;
  readonly #loop: EventLoop;
  readonly #listeners = new Set<TraceListener>();
  #lastId = 0;

  constructor(loop: EventLoop) {
    this.#loop = loop;
  }

  /** Calls back for every record from now on. Returns the way to stop. */
  listen(listener: TraceListener): () => void {
    this.#listeners.add(listener);
    this.#update();
    return () => {
      this.#listeners.delete(listener);
      this.#update();
    };
  }

  /** Runs what is not to be recorded. */
  muted<T>(run: () => T): T {
    this.isOn = false;
    try {
      return run();
    } finally {
      this.#update();
    }
  }

  /** Records a happening and makes it the cause of what the task at hand does next. Returns its id. */
  emit(component: string, object: TraceObject | undefined, detail: TraceDetail): number {
    if (!this.isOn) return 0;
    const record: TraceRecord = { id: ++this.#lastId, atMs: this.#loop.now, cause: this.#loop.cause, component, object, ...detail };
    for (const listener of this.#listeners) listener(record);
    this.#loop.cause = record.id;
    return record.id;
  }

  #update(): void {
    this.isOn = this.#listeners.size > 0;
    this.#loop.carriesCauses = this.isOn;
  }
}
