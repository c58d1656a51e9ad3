import { WaitQueue } from '../../kernel/index.ts';

/** The name under which a machine offers its `Journal`. */
export const journalService = 'journal';

/** Lines kept of one unit. */
const maxLines = 2000;

export interface JournalLine {
  /** Virtual milliseconds. */
  readonly atMs: number;
  /** Empty for what the kernel says. */
  readonly unit: string;
  /** The program and process id before the text: `kubelet[612]`. */
  readonly identifier: string;
  readonly text: string;
  /** As syslog counts: 3 is an error, 4 a warning, 6 information, which it is unless said. */
  readonly priority?: number;
}

/** What the services of a machine and its kernel wrote. */
export class Journal {
  readonly changed = new WaitQueue();
  /** Lines ever written, so that a follower knows what is new. */
  written = 0;
  /** When the machine was booted, the first time first. */
  readonly boots: number[] = [];
  readonly #units = new Map<string, JournalLine[]>();

  append(line: JournalLine): void {
    let lines = this.#units.get(line.unit);
    if (!lines) this.#units.set(line.unit, (lines = []));
    lines.push(line);
    if (lines.length > maxLines) lines.splice(0, maxLines / 2);
    this.written++;
    this.changed.wake();
  }

  newBoot(atMs: number): void {
    this.boots.push(atMs);
  }

  /** A line of the kernel's own log, which `dmesg` shows. */
  kernel(atMs: number, text: string, priority = 6): void {
    this.append({ atMs, unit: '', identifier: 'kernel', text, priority });
  }

  /** Names of the units that have lines; empty for the kernel. */
  get units(): Iterable<string> {
    return this.#units.keys();
  }

  /** Lines of one unit, or of all in the order of their times. */
  lines(unit?: string): readonly JournalLine[] {
    if (unit !== undefined) return this.#units.get(unit) ?? [];
    return [...this.#units.values()].flat().sort((a, b) => a.atMs - b.atMs);
  }
}
