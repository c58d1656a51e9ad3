/** How many seats a priority level could use, over the time that it is looked at (apiserver/pkg/util/flowcontrol/fairqueuing, integrator). */

export interface Observed {
  readonly average: number;
  readonly deviation: number;
  readonly highest: number;
}

/** Of the smoothed demand, what is left after a period without any. */
const smoothing = 0.977;

export class SeatDemand {
  /** What the last period came to. */
  last: Observed = { average: 0, deviation: 0, highest: 0 };
  /** Rises at once and falls slowly. */
  smoothed = 0;
  #seats = 0;
  #highest = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #beganMs = 0;
  #changedMs = 0;

  get isNone(): boolean {
    return this.#highest === 0 && this.smoothed < 0.01;
  }

  change(by: number, nowMs: number): void {
    this.#count(nowMs);
    this.#seats += by;
    this.#highest = Math.max(this.#highest, this.#seats);
  }

  /** Ends a period. */
  observe(nowMs: number): void {
    this.#count(nowMs);
    const lasted = nowMs - this.#beganMs;
    const average = lasted > 0 ? this.#sum / lasted : 0;
    const deviation = lasted > 0 ? Math.sqrt(Math.max(0, this.#sumOfSquares / lasted - average ** 2)) : 0;
    this.last = { average, deviation, highest: this.#highest };
    const envelope = average + deviation;
    this.smoothed = Math.max(envelope, smoothing * this.smoothed + (1 - smoothing) * envelope);
    this.#highest = this.#seats;
    [this.#sum, this.#sumOfSquares, this.#beganMs] = [0, 0, nowMs];
  }

  #count(nowMs: number): void {
    const passed = nowMs - this.#changedMs;
    this.#sum += this.#seats * passed;
    this.#sumOfSquares += this.#seats ** 2 * passed;
    this.#changedMs = nowMs;
  }
}
