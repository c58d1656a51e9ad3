/** Sets of completion indexes in the text form of a Job's status, `0,2-5`: pkg/controller/job/indexed_job_utils.go. */
import { quote } from '../../machinery/go-quote.ts';

/** First and last index of a run without gaps. */
type Interval = readonly [first: number, last: number];

/** A set of indexes as runs in rising order. */
export class IndexIntervals {
  static readonly empty = new IndexIntervals([]);
  readonly #intervals: readonly Interval[];
  readonly total: number;

  private constructor(intervals: readonly Interval[]) {
    this.#intervals = intervals;
    this.total = intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }

  /** Reads the text of a status; indexes from `completions` on are left out, as those that an elastic Job no longer has. */
  static parse(text: string | undefined, completions: number): IndexIntervals {
    if (!text) return IndexIntervals.empty;
    const intervals: Interval[] = [];
    for (const part of text.split(',')) {
      const [first, last] = part.split('-').map(Number) as [number, number?];
      if (first < completions) intervals.push([first, Math.min(last ?? first, completions - 1)]);
    }
    return IndexIntervals.of(intervals);
  }

  static of(intervals: readonly Interval[]): IndexIntervals {
    const merged: [number, number][] = [];
    for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
      const previous = merged.at(-1);
      if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
      else merged.push([first, last]);
    }
    return new IndexIntervals(merged);
  }

  has(index: number): boolean {
    let low = 0;
    let high = this.#intervals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#intervals[middle]![1] < index) low = middle + 1;
      else high = middle;
    }
    return low < this.#intervals.length && this.#intervals[low]![0] <= index;
  }

  with(indexes: readonly number[]): IndexIntervals {
    if (indexes.length === 0) return this;
    return IndexIntervals.of([...this.#intervals, ...indexes.map((index) => [index, index] as const)]);
  }

  /** How many indexes are in both sets. */
  countCommon(other: IndexIntervals): number {
    let count = 0;
    for (const [first, last] of this.#intervals)
      for (const [otherFirst, otherLast] of other.#intervals)
        count += Math.max(0, Math.min(last, otherLast) - Math.max(first, otherFirst) + 1);
    return count;
  }

  toString(): string {
    return this.#intervals
      .map(([first, last]) => (first === last ? `${first}` : `${first}${last === first + 1 ? ',' : '-'}${last}`))
      .join();
  }
}

/** How many indexes a text names, or what is wrong with it (validateIndexesFormat of pkg/apis/batch/validation). */
export function countIndexes(text: string, completions: number): number | string {
  let total = 0;
  let previous = -1;
  for (const part of text === '' ? [] : text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2)
      return `the fragment ${quote(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
    const run: number[] = [];
    for (const limit of limits) {
      if (!/^[+-]?\d+$/.test(limit)) return `cannot convert string to integer for index: ${quote(limit)}`;
      const index = Number(limit);
      if (index >= completions) return `too large index: ${quote(limit)}`;
      run.push(index);
    }
    for (const index of run) {
      if (previous >= index) return `non-increasing order, previous: ${previous}, current: ${index}`;
      previous = index;
    }
    total += run.length === 2 ? run[1]! - run[0]! + 1 : 1;
  }
  return total;
}
