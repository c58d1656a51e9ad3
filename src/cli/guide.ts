/**
 * The tasks of a lab and its hints in a real terminal, as the page has them beside it: a key opens them over the shell, which
 * notices nothing of it.
 */
import type { LabSession } from '../lab/session.ts';
import type { TaskState } from '../lab/tasks.ts';

/** Opens the guide: Ctrl-G. */
export const guideKey = '\x07';

const marks: Readonly<Record<TaskState['state'], string>> = { green: '✓', holding: '◔', open: '○', waiting: '·' };

export interface GuideOptions {
  readonly session: LabSession;
  readonly write: (text: string) => void;
  /** Where the method of troubleshooting would look next, in a sentence; absent in labs that are about something else. */
  readonly nextStep?: (() => string) | undefined;
}

export class Guide {
  readonly #options: GuideOptions;
  readonly #given = new Map<string, number[]>();
  #isOpen = false;

  constructor(options: GuideOptions) {
    this.#options = options;
  }

  /** Hints that were given, as a submission names them: `task/1`. */
  get given(): readonly string[] {
    return [...this.#given].flatMap(([task, hints]) => hints.map((hint) => `${task}/${hint + 1}`));
  }

  /** Takes keys that are meant for it: false for those of the shell. */
  takes(keys: string): boolean {
    if (!this.#isOpen && keys !== guideKey) return false;
    if (!this.#isOpen) this.#open();
    else if (keys === 'h') this.#hint(undefined);
    else if (/^[1-9]$/.test(keys)) this.#hint(Number(keys) - 1);
    else if (keys === 'd' && this.#options.nextStep) this.#print([this.#options.nextStep()]);
    else this.#close();
    return true;
  }

  #open(): void {
    this.#isOpen = true;
    this.#print([...this.#board(), '', this.#keys()]);
  }

  #close(): void {
    this.#isOpen = false;
    this.#print(['(back in the terminal: Enter shows its prompt)']);
  }

  #keys(): string {
    const more = this.#options.nextStep ? '  d: where to look next' : '';
    return `h: a hint   1-9: a hint for that task${more && ` ${more}`}   any other key: back to the terminal`;
  }

  #board(): readonly string[] {
    const { lab, tasks } = this.#options.session;
    return [
      lab.title,
      ...tasks.states.flatMap((state, i) => {
        const { title, points, hints } = lab.tasks[i]!;
        const shown = (this.#given.get(state.id) ?? []).map((hint) => `      hint: ${hints[hint]!.text}`);
        const found = state.state === 'open' && state.message ? [`      ${state.message}`] : [];
        return [`${i + 1} ${marks[state.state]} ${title} (${points})`, ...found, ...(state.state === 'green' ? [] : shown)];
      }),
    ];
  }

  /** The next hint of a task, by default of the first that is open and has one left. */
  #hint(which: number | undefined): void {
    const { lab, tasks } = this.#options.session;
    const left = ({ id, hints }: TaskState): readonly number[] => hints.filter((hint) => !this.#given.get(id)?.includes(hint));
    const isOpen = ({ state }: TaskState): boolean => state === 'open' || state === 'holding';
    const at = which ?? tasks.states.findIndex((state) => isOpen(state) && left(state).length > 0);
    const state = tasks.states[at];
    const [next] = state && state.state !== 'green' ? left(state) : [];
    if (!state || next === undefined) {
      const task = which === undefined ? '' : ` for task ${which + 1}`;
      return this.#print([state?.state === 'green' ? 'That task is done.' : `No hint is left${task}.`]);
    }
    this.#given.set(state.id, [...(this.#given.get(state.id) ?? []), next]);
    this.#print([`hint for ${at + 1}: ${lab.tasks[at]!.hints[next]!.text}`]);
  }

  /** A terminal in raw mode needs both characters at the end of a line. */
  #print(lines: readonly string[]): void {
    this.#options.write(`\r\n${lines.flatMap((line) => line.split('\n')).join('\r\n')}\r\n`);
  }
}
