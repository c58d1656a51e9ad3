/** An evaluation that failed: no such key, division by zero, no such overload. */
export class CelError extends Error {}

/** The expression has cost more than it may; nothing else catches this. */
export class CostExceeded extends CelError {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Counts what an evaluation costs, in the units of cel-go: about one for each step, and one for ten characters. */
export class Meter {
  #left: number;
  readonly #limit: number;

  constructor(limit: number) {
    this.#left = limit;
    this.#limit = limit;
  }

  get spent(): number {
    return this.#limit - this.#left;
  }

  charge(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new CostExceeded();
  }

  /** A text of this length is walked or made. */
  text(length: number): void {
    this.charge(Math.ceil(length / 10));
  }
}
