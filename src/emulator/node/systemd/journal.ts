import { WaitQueue } from '../../kernel/index.ts';

/** The name under which a machine offers its `Journal`. */
export const journalService = 'journal';

/** Lines kept of one unit. */
const maxLines = 2000;

export interface JournalLine {
  /** Virtual milliseconds. */
  readonly atMs: number;
  readonly unit: string;
  /** The program and process id before the text: `kubelet[612]`. */
  readonly identifier: string;
  readonly text: string;
}

/** What the services of a machine wrote. */
export class Journal {
  readonly changed = new WaitQueue();
  /** Lines ever written, so that a follower knows what is new. */
  written = 0;
  readonly #units = new Map<string, JournalLine[]>();

  append(line: JournalLine): void {
    let lines = this.#units.get(line.unit);
    if (!lines) this.#units.set(line.unit, (lines = []));
    lines.push(line);
    if (lines.length > maxLines) lines.splice(0, maxLines / 2);
    this.written++;
    this.changed.wake();
  }

  /** Lines of one unit, or of all in the order of their times. */
  lines(unit?: string): readonly JournalLine[] {
    if (unit !== undefined) return this.#units.get(unit) ?? [];
    return [...this.#units.values()].flat().sort((a, b) => a.atMs - b.atMs);
  }
}
