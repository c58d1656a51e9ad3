import { leases } from '../api/coordination/lease.ts';
import type { Lease, LeaseSpec } from '../api/generated/types.ts';
import type { Call, Kernel } from '../kernel/index.ts';
import { isErrno } from '../kernel/index.ts';
import { isNotFound, StatusError } from '../machinery/status-error.ts';
import type { Client } from './client.ts';
import type { EventRecorder } from './event-recorder.ts';

/** Defaults of the components (k8s.io/component-base/config). */
export interface LeaderElectionTimes {
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

export const defaultLeaderElectionTimes: LeaderElectionTimes = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

/** client-go/tools/leaderelection */
const jitterFactor = 1.2;
/** A candidate that waits longer than a lease lasts stands by for a living leader; that is background work. */
const patientTries = 12;

export interface LeaderElectionOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly namespace: string;
  readonly name: string;
  /** `<hostname>_<uuid>`: every start of a component is another candidate. */
  readonly identity: string;
  readonly times: LeaderElectionTimes;
  /** A line of the component's log, for what went wrong. */
  readonly log?: ((text: string) => void) | undefined;
}

/**
 * One candidate for a Lease (client-go/tools/leaderelection). It judges a lease by when it saw it change on its own
 * clock, never by the times written in it; a component that was killed therefore keeps its successor waiting for 15 s.
 */
export class LeaderElector {
  readonly #options: LeaderElectionOptions;
  #lease: Lease | undefined;
  /** What was asked last. */
  #step: 'get' | 'create' | 'update' = 'get';
  #observedMs = Number.NEGATIVE_INFINITY;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  get isLeader(): boolean {
    return this.#lease?.spec.holderIdentity === this.#options.identity;
  }

  /** Returns once this candidate leads. */
  *acquire(): Call<void> {
    const { kernel, recorder, identity, times } = this.#options;
    for (let tries = 1; !(yield* this.#tryAcquireOrRenew()); tries++) {
      yield* kernel.sleep(times.retryPeriodMs * (1 + kernel.random.fraction() * jitterFactor), tries > patientTries);
    }
    recorder.normal(this.#lease!, 'LeaderElection', `${identity} became leader`);
  }

  /** Renews the lease; returns once it could not be renewed within the deadline. */
  *renew(): Call<void> {
    const { kernel, recorder, identity, times } = this.#options;
    for (;;) {
      const since = kernel.loop.now;
      while (!(yield* this.#tryAcquireOrRenew())) {
        if (kernel.loop.now - since >= times.renewDeadlineMs) {
          recorder.normal(this.#lease!, 'LeaderElection', `${identity} stopped leading`);
          return;
        }
        yield* kernel.sleep(times.retryPeriodMs, true);
      }
      yield* kernel.sleep(times.retryPeriodMs, true);
    }
  }

  *#tryAcquireOrRenew(): Call<boolean> {
    try {
      return yield* this.#attempt();
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      const { namespace, name, log } = this.#options;
      if (this.#step === 'get') log?.(`error retrieving resource lock ${namespace}/${name}: ${error.message}`);
      else if (this.#step === 'create') log?.(`error initially creating leader election record: ${error.message}`);
      else log?.(`Failed to update lock: ${error.message}`);
      return false;
    }
  }

  *#attempt(): Call<boolean> {
    const { client, namespace, name, identity } = this.#options;
    if (this.isLeader && this.#isValid) {
      try {
        this.#observe(
          yield* client.update(leases, {
            ...this.#lease!,
            spec: { ...this.#lease!.spec, renewTime: this.#options.kernel.clock.microTime() },
          }),
        );
        return true;
      } catch (error) {
        // Somebody else wrote it, or it may not be written any more: look again below.
        if (!(error instanceof StatusError) && !isErrno(error)) throw error;
        this.#options.log?.(`Failed to update lock optimistically: ${error.message}, falling back to slow path`);
      }
    }
    let found: Lease;
    this.#step = 'get';
    try {
      found = yield* client.get(leases, { namespace, name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#step = 'create';
      this.#observe(
        yield* client.create(leases, {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { namespace, name },
          spec: this.#spec(undefined),
        }),
      );
      return true;
    }
    if (found.metadata.resourceVersion !== this.#lease?.metadata.resourceVersion) this.#observe(found);
    const holder = found.spec.holderIdentity;
    if (holder && holder !== identity && this.#isValid) return false;
    this.#step = 'update';
    this.#observe(yield* client.update(leases, { ...found, spec: this.#spec(found) }));
    return true;
  }

  get #isValid(): boolean {
    return this.#observedMs + (this.#lease?.spec.leaseDurationSeconds ?? 0) * 1000 > this.#options.kernel.loop.now;
  }

  #spec(previous: Lease | undefined): LeaseSpec {
    const { kernel, identity, times } = this.#options;
    const now = kernel.clock.microTime();
    const isOurs = previous?.spec.holderIdentity === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.floor(times.leaseDurationMs / 1000),
      acquireTime: isOurs ? previous.spec.acquireTime : now,
      renewTime: now,
      leaseTransitions: previous ? (previous.spec.leaseTransitions ?? 0) + (isOurs ? 0 : 1) : 0,
    };
  }

  #observe(lease: Lease): void {
    this.#lease = lease;
    this.#observedMs = this.#options.kernel.loop.now;
  }
}
