/** How far a run has come, on one line that is written over. Where nobody watches, nothing is written. */
export interface ProgressScreen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const everyMs = 100;

export class Progress {
  readonly #total: number;
  readonly #screen: ProgressScreen;
  readonly #startedMs = performance.now();
  #done = 0;
  #shownMs = 0;

  constructor(total: number, screen: ProgressScreen) {
    this.#total = total;
    this.#screen = screen;
    if (total > 0) this.#show();
  }

  tick(): void {
    this.#done++;
    if (performance.now() - this.#shownMs >= everyMs || this.#done === this.#total) this.#show();
  }

  end(): void {
    if (this.#screen.isTTY && this.#total > 0) this.#screen.write('\n');
  }

  #show(): void {
    if (!this.#screen.isTTY) return;
    this.#shownMs = performance.now();
    const seconds = (this.#shownMs - this.#startedMs) / 1000;
    const left =
      this.#done > 0 && this.#done < this.#total ? `, ${Math.ceil((seconds / this.#done) * (this.#total - this.#done))} s left` : '';
    const counts = ` ${this.#done} of ${this.#total} graded${left}`;
    const width = Math.max(10, Math.min(40, (this.#screen.columns ?? 80) - counts.length - 3));
    const full = Math.round((width * this.#done) / this.#total);
    this.#screen.write(`\r\x1b[K[${'='.repeat(full)}${' '.repeat(width - full)}]${counts}`);
  }
}
