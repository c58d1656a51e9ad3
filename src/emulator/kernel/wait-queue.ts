/** What can block and be woken: a process or a fiber. */
export interface Waiter {
  waitingOn: WaitQueue | undefined;
  wake(): void;
}

/** Waiters blocked until something happens, in the order in which they came. */
export class WaitQueue {
  #waiting: Waiter[] | undefined;

  add(waiter: Waiter): void {
    (this.#waiting ??= []).push(waiter);
    waiter.waitingOn = this;
  }

  remove(waiter: Waiter): void {
    const i = this.#waiting?.indexOf(waiter) ?? -1;
    if (i >= 0) this.#waiting!.splice(i, 1);
  }

  /** Wakes everyone. Each looks again at what it waited for and may block again. */
  wake(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    for (const waiter of waiting) {
      waiter.waitingOn = undefined;
      waiter.wake();
    }
  }
}
