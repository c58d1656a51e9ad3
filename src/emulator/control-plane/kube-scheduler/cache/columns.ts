/** Growing typed arrays by node index. */
export function grown<A extends Float64Array | Int32Array>(old: A, size: number, fill = 0): A {
  if (size <= old.length) return old;
  const next = new (old.constructor as new (n: number) => A)(Math.max(size, old.length * 2));
  if (fill !== 0) next.fill(fill);
  next.set(old as never);
  return next;
}

/** One resource of all nodes: CPU in thousandths, everything else in whole units. */
export class ResourceColumn {
  readonly name: string;
  allocatable = new Float64Array(64);
  /** Requests of the Pods on the node. */
  requested = new Float64Array(64);

  constructor(name: string) {
    this.name = name;
  }

  reserve(size: number): void {
    this.allocatable = grown(this.allocatable, size);
    this.requested = grown(this.requested, size);
  }

  move(from: number, to: number): void {
    this.allocatable[to] = this.allocatable[from]!;
    this.requested[to] = this.requested[from]!;
    this.allocatable[from] = this.requested[from] = 0;
  }
}
