/**
 * Runs a container's probes and keeps their verdicts (upstream pkg/kubelet/prober/worker.go).
 *
 * - A prober has a tick every period from the moment that its Pod was first synced; readiness is also probed as soon as
 *   a container is seen to run. Liveness and readiness wait for the startup probe.
 * - While a verdict may still turn by itself (a server that is starting) a tick is foreground work; afterwards it is
 *   background, so that a cluster whose probes only repeat what they said is settled.
 */
import type { Container as ContainerSpec, Pod, Probe } from '../../api/generated/types.ts';
import type { EventRecorder } from '../../client/index.ts';
import type { Call, Fiber, Timer } from '../../kernel/index.ts';
import type { Container } from '../container-runtime/index.ts';
import { unavailable } from '../container-runtime/index.ts';
import { fieldPathOf } from './container-path.ts';
import type { ProbeContext } from './probe-target.ts';
import { probeOnce } from './probe-target.ts';

export type ProbeType = 'startup' | 'liveness' | 'readiness';
export type Verdict = 'unknown' | 'success' | 'failure';

const titles: Readonly<Record<ProbeType, string>> = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' };
const initial: Readonly<Record<ProbeType, Verdict>> = { startup: 'unknown', liveness: 'success', readiness: 'failure' };

/** A first look later than this is background work. */
const patientMs = 10_000;
/** Ticks that are foreground work while nothing has succeeded yet. */
const patientTicks = 12;

export interface ProberHost extends ProbeContext {
  readonly recorder: EventRecorder;
  /** The verdict of a probe turned. */
  onVerdict(prober: Prober): void;
}

export class Prober {
  readonly type: ProbeType;
  readonly spec: ContainerSpec;
  readonly probe: Probe;
  verdict: Verdict;
  readonly #host: ProberHost;
  readonly #pod: () => Pod;
  #container: Container | undefined;
  /** The instant from which ticks are counted. */
  #anchorMs: number;
  #timer: Timer | undefined;
  #fiber: Fiber | undefined;
  #failures = 0;
  #successes = 0;
  #ticks = 0;
  /** A container that was found dead is left alone until it is another one. */
  #isOnHold = false;

  constructor(host: ProberHost, pod: () => Pod, spec: ContainerSpec, type: ProbeType, probe: Probe) {
    this.#host = host;
    this.#pod = pod;
    this.spec = spec;
    this.type = type;
    this.probe = probe;
    this.verdict = initial[type];
    this.#anchorMs = host.kernel.loop.now;
  }

  /** Tells which container runs now (none: undefined), and whether it counts as started. */
  observe(container: Container | undefined, isStarted: boolean): void {
    if (container !== this.#container) {
      this.#container = container;
      this.verdict = initial[this.type];
      this.#failures = this.#successes = this.#ticks = 0;
      this.#isOnHold = false;
      this.#halt();
    }
    if (!container || (this.type === 'startup' ? this.verdict === 'success' : !isStarted)) {
      this.#halt();
      return;
    }
    const isIdle = !this.#timer && !this.#fiber;
    if (this.type === 'readiness' && this.verdict !== 'success' && !this.#fiber && this.#delayLeft() <= 0) {
      this.#halt();
      this.#anchorMs = this.#host.kernel.loop.now;
      this.#tick();
    } else if (isIdle) this.#schedule();
  }

  stop(): void {
    this.#halt();
    this.#container = undefined;
  }

  #halt(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#fiber?.cancel();
    this.#fiber = undefined;
  }

  #delayLeft(): number {
    return this.#container!.startedMs + (this.probe.initialDelaySeconds ?? 0) * 1000 - this.#host.kernel.loop.now;
  }

  /** The next tick of the period, not before the initial delay is over. */
  #schedule(): void {
    const { loop } = this.#host.kernel;
    const periodMs = (this.probe.periodSeconds ?? 10) * 1000;
    const earliest = Math.max(loop.now + 1, loop.now + this.#delayLeft());
    const at = this.#anchorMs + Math.ceil((earliest - this.#anchorMs) / periodMs) * periodMs;
    const isSettled = this.verdict === 'success' ? this.#ticks > 0 || at - loop.now > patientMs : this.#ticks >= patientTicks;
    this.#timer = loop.timer(at - loop.now, () => this.#tick(), isSettled);
  }

  #tick(): void {
    this.#timer = undefined;
    const container = this.#container;
    if (container?.state !== 'running' || this.#isOnHold) return;
    this.#ticks++;
    const fiber = this.#host.kernel.fiber(this.#run(container), { background: true });
    this.#fiber = fiber.isDone ? undefined : fiber;
  }

  *#run(container: Container): Call<void> {
    const { runtime } = this.#host;
    if (this.probe.exec && !runtime.isServing) {
      this.#fiber = undefined;
      const pod = this.#pod();
      const text = `${titles[this.type]} probe errored and resulted in unknown state: ${unavailable}`;
      this.#host.recorder.warning(pod, 'Unhealthy', text, fieldPathOf(pod, this.spec));
      this.#schedule();
      return;
    }
    const result = yield* probeOnce(this.#host, this.spec, container, this.probe);
    this.#fiber = undefined;
    if (this.#container !== container || container.state !== 'running') return;
    if (result.isSuccess) {
      this.#successes++;
      this.#failures = 0;
      if (this.#successes >= (this.probe.successThreshold ?? 1)) this.#set('success', '');
    } else {
      this.#failures++;
      this.#successes = 0;
      const pod = this.#pod();
      this.#host.recorder.warning(pod, 'Unhealthy', `${titles[this.type]} probe failed: ${result.message}`, fieldPathOf(pod, this.spec));
      if (this.#failures >= (this.probe.failureThreshold ?? 3)) {
        if (this.type !== 'readiness') this.#isOnHold = true;
        this.#set('failure', result.message);
      }
    }
    if (!this.#isOnHold && !this.#timer && !(this.type === 'startup' && this.verdict === 'success')) this.#schedule();
  }

  #set(verdict: Verdict, message: string): void {
    if (this.verdict === verdict) return;
    this.verdict = verdict;
    const { trace } = this.#host.kernel;
    if (trace.isOn) {
      const { namespace, name, uid } = this.#pod().metadata;
      trace.emit(
        `kubelet@${this.#host.runtime.machine.hostname}`,
        { resource: 'pods', namespace, name, uid },
        { type: 'probe', probe: this.type, container: this.spec.name, result: verdict, message },
      );
    }
    this.#host.onVerdict(this);
  }
}
