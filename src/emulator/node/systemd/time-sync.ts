import type { EventLoop, WallClock } from '../../kernel/index.ts';
import { formatTime } from '../../kernel/index.ts';
import type { Journal } from './journal.ts';
import type { Part } from './systemd.ts';

/** The name under which a machine offers its `TimeSync`. */
export const timeSyncService = 'time-sync';

export const timeSyncUnit = 'systemd-timesyncd.service';

/** One of those behind 0.debian.pool.ntp.org. */
const server = '162.159.200.1:123 (0.debian.pool.ntp.org)';
const answerMs = 200;
/** NTP_RETRY_INTERVAL_MAX_USEC */
const retryMs = 15_000;
/** After so long without correction the kernel does not trust its clock any more: 16 s of possible error at 500 ppm. */
const trustMs = 32_000_000;
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

interface TimeSyncParts {
  readonly loop: EventLoop;
  readonly clock: WallClock;
  readonly journal: Journal;
  /** Whether packets leave the machine. */
  readonly isConnected: () => boolean;
}

/**
 * A machine's clocks, and systemd-timesyncd, which keeps them right while it runs (src/timesync/timesyncd-manager.c).
 *
 * Differs from Linux: a clock that nobody sets runs without an error, and the time servers are beyond the simulated network: they
 * answer as long as the machine's own link works.
 */
export class TimeSync implements Part {
  readonly #parts: TimeSyncParts;
  /** By how much the clock that runs without power is ahead. */
  #hardwareOffsetMs = 0;
  #isActive = false;
  #isRight = false;
  #stoppedMs = 0;
  /** Raised when an answer is not wanted any more. */
  #generation = 0;

  constructor(parts: TimeSyncParts) {
    this.#parts = parts;
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  /** `System clock synchronized`: STA_UNSYNC is not set. */
  get isSynchronized(): boolean {
    return this.#isRight && (this.#isActive || this.#parts.loop.now - this.#stoppedMs < trustMs);
  }

  get hardwareUnixMs(): number {
    const { clock } = this.#parts;
    return clock.unixMs - clock.offsetMs + this.#hardwareOffsetMs;
  }

  /** The machine takes its time from the hardware clock when it starts. */
  boot(): void {
    if (this.#parts.clock.offsetMs === this.#hardwareOffsetMs) return;
    this.#parts.clock.setOffset(this.#hardwareOffsetMs);
    this.#isRight = false;
  }

  /** Sets the system's clock, as `date -s` does; a service that synchronises it puts it right again. */
  setTime(unixMs: number): void {
    const { clock } = this.#parts;
    clock.setOffset(clock.offsetMs + unixMs - clock.unixMs);
    this.#isRight = false;
    if (this.#isActive) this.#ask(false);
  }

  /** `hwclock --systohc` */
  writeHardwareClock(): void {
    this.#hardwareOffsetMs = this.#parts.clock.offsetMs;
  }

  readonly onStart = (): void => {
    this.#isActive = true;
    if (this.#parts.clock.offsetMs === 0 && this.#parts.isConnected()) this.#correct(true);
    else this.#ask(true);
  };

  readonly onStop = (): void => {
    this.#isActive = false;
    this.#generation++;
    this.#stoppedMs = this.#parts.loop.now;
  };

  #ask(isFirst: boolean): void {
    const generation = ++this.#generation;
    this.#parts.loop.after(answerMs, () => generation === this.#generation && this.#answer(isFirst), undefined, true);
  }

  #answer(isFirst: boolean): void {
    if (this.#parts.isConnected()) return this.#correct(isFirst);
    this.#log(`Timed out waiting for reply from ${server}.`);
    const generation = this.#generation;
    this.#parts.loop.after(retryMs, () => generation === this.#generation && this.#ask(isFirst), undefined, true);
  }

  #correct(isFirst: boolean): void {
    const { clock } = this.#parts;
    clock.setOffset(0);
    // The kernel copies a clock that is synchronised to the hardware every eleven minutes.
    this.#hardwareOffsetMs = 0;
    this.#isRight = true;
    if (!isFirst) return;
    const now = clock.unixMs;
    const [day, time] = formatTime(Math.floor(now / 1000) * 1000).split('T') as [string, string];
    const weekday = weekdays[Math.floor(now / 86_400_000 + 4) % 7];
    this.#log(`Contacted time server ${server}.`);
    this.#log(
      `Initial clock synchronization to ${weekday} ${day} ${time.slice(0, 8)}.${String(Math.floor(now % 1000)).padStart(3, '0')}000 UTC.`,
    );
  }

  #log(text: string): void {
    this.#parts.journal.append({ atMs: this.#parts.loop.now, unit: timeSyncUnit, identifier: 'systemd-timesyncd[388]', text });
  }
}
