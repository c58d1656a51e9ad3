/**
 * Registers the node, renews its Lease and reports its status.
 *
 * - The Lease in kube-node-lease is renewed every 10 s; controllers take a node that stops for lost.
 * - The status is compared every 10 s and written when it changed, or after five minutes.
 * - Nodes beat in ten phases of a second, so that thousands of heartbeats share a few instants.
 */
import { leases } from '../../api/coordination/lease.ts';
import { nodes } from '../../api/core/node.ts';
import type { Lease, Node, NodeStatus } from '../../api/generated/types.ts';
import type { Client } from '../../client/index.ts';
import type { Call, Fiber, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import type { Draft } from '../../machinery/objects.ts';
import { isAlreadyExists, isConflict, isNotFound, StatusError } from '../../machinery/status-error.ts';

const periodMs = 10_000;
const reportMs = 300_000;
const leaseDurationSeconds = 40;
const registerRetry = { firstMs: 100, mostMs: 7000 };
/** After so many tries waiting for the API server is background work. */
const patientTries = 40;

export interface HeartbeatOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly name: string;
  readonly newNode: () => Draft<Node>;
  readonly status: (previous: NodeStatus | undefined) => NodeStatus;
  /** A text that changes with anything in the status but its times. */
  readonly fingerprint: () => string;
  readonly log: (text: string) => void;
  readonly onRegistered: () => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #lease: Lease | undefined;
  #uid: string | undefined;
  #reported = '';
  #reportedMs = Number.NEGATIVE_INFINITY;
  #fiber: Fiber | undefined;
  #isStopped = false;
  #isBeating = false;
  /** Nobody heard of this node for a while, so others may have written about it what is not so. */
  #wasAway = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#fiber = this.#options.kernel.fiber(this.#register());
  }

  stop(): void {
    this.#isStopped = true;
    this.#fiber?.cancel();
  }

  /** The status changed in a way that others should hear of at once. */
  report(): void {
    if (this.#uid !== undefined && !this.#isBeating) this.#options.kernel.fiber(this.#beat());
  }

  *#register(): Call<void> {
    const { kernel, client, name, newNode, log, onRegistered } = this.#options;
    for (let tries = 0; ; tries++) {
      try {
        log(`"Attempting to register node" node="${name}"`);
        const node = yield* this.#createOrGet(client, newNode());
        this.#uid = node.metadata.uid;
        log(`"Successfully registered node" node="${name}"`);
        break;
      } catch (error) {
        if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        log(`"Unable to register node with API server" err="${error.message}" node="${name}"`);
        yield* kernel.sleep(Math.min(registerRetry.firstMs * 2 ** Math.min(tries, 10), registerRetry.mostMs), tries > patientTries);
      }
    }
    onRegistered();
    yield* this.#beat();
    const phase = kernel.random.below(10) * 1000;
    const first = periodMs - ((kernel.loop.now - phase + periodMs) % periodMs);
    kernel.loop.after(first, this.#tick, undefined, true);
  }

  *#createOrGet(client: Client, draft: Draft<Node>): Call<Node> {
    try {
      return yield* client.create(nodes, draft);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      return yield* client.get(nodes, { name: draft.metadata.name! });
    }
  }

  readonly #tick = (): void => {
    if (this.#isStopped) return;
    const { kernel } = this.#options;
    kernel.loop.after(periodMs, this.#tick, undefined, true);
    if (!this.#isBeating) kernel.fiber(this.#beat(), { background: true });
  };

  *#beat(): Call<void> {
    this.#isBeating = true;
    try {
      yield* this.#renew();
      yield* this.#report();
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      this.#lease = undefined;
      this.#wasAway = true;
      this.#options.log(`"Failed to ensure lease exists, will retry" err="${error.message}" interval="7s"`);
    } finally {
      this.#isBeating = false;
    }
  }

  *#renew(): Call<void> {
    const { kernel, client, name } = this.#options;
    const renewTime = kernel.clock.microTime();
    const held = this.#lease;
    if (held) {
      try {
        this.#lease = yield* client.update(leases, { ...held, spec: { ...held.spec, renewTime } });
        return;
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
      }
    }
    const ref = { namespace: 'kube-node-lease', name };
    try {
      const found = yield* client.get(leases, ref);
      this.#lease = yield* client.update(leases, { ...found, spec: { ...found.spec, holderIdentity: name, renewTime } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid: this.#uid! }];
      this.#lease = yield* client.create(leases, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { ...ref, ownerReferences },
        spec: { holderIdentity: name, leaseDurationSeconds, renewTime },
      });
    }
  }

  /** Whether conditions have become Unknown while the node was away. A kubelet that was not need not ask. */
  *#isDoubted(): Call<boolean> {
    if (!this.#wasAway) return false;
    const { client, name } = this.#options;
    const { status } = yield* client.get(nodes, { name });
    this.#wasAway = false;
    return status?.conditions?.some((condition) => condition.status === 'Unknown') ?? false;
  }

  *#report(): Call<void> {
    const { kernel, client, name, status, fingerprint, log } = this.#options;
    const print = fingerprint();
    if (print === this.#reported && kernel.loop.now - this.#reportedMs < reportMs && !(yield* this.#isDoubted())) return;
    for (let tries = 0; tries < 5; tries++) {
      try {
        const node = yield* client.get(nodes, { name });
        yield* client.updateStatus(nodes, { ...node, status: status(node.status) });
        this.#reported = print;
        this.#reportedMs = kernel.loop.now;
        return;
      } catch (error) {
        if (isNotFound(error))
          return log(`"Error updating node status, will retry" err="error getting node \\"${name}\\": nodes \\"${name}\\" not found"`);
        if (!isConflict(error)) throw error;
      }
    }
  }
}
