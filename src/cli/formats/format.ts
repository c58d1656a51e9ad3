/** What a format is, and what every one of them needs of a class. */
import type { Annotation, LabRef, LearnerResult, TaskResult } from '../../lab/grading/result.ts';
import { printable } from '../../lab/grading/printable.ts';
import type { Roster } from '../grade/roster.ts';

export interface OutFile {
  /** Within the results' folder. */
  readonly name: string;
  readonly text: string;
}

/** A lab that was graded, with what can be earned. */
export interface GradedLabInfo extends LabRef {
  readonly tasks: readonly {
    readonly id: string;
    readonly title: string;
    readonly points: number;
    readonly hidden?: boolean | undefined;
  }[];
}

export interface ClassInfo {
  /** Every lab that anybody was graded in, in the order of their paths. */
  readonly labs: readonly GradedLabInfo[];
  readonly possible: number;
  /** The instructor's own file. */
  readonly roster?: Roster | undefined;
  /** Which column of it to fill, where that is not clear. */
  readonly column?: string | undefined;
}

export interface Format {
  /** Files about one learner: what systems read that grade one submission at a time. The first is what `labs check` prints. */
  readonly learner?: (result: LearnerResult, info: ClassInfo) => readonly OutFile[];
  /** Files about the class. Results are read afresh at each turn, so that ten thousand need not fit into memory. */
  readonly group?: (results: Iterable<LearnerResult>, info: ClassInfo) => readonly OutFile[];
}

export interface Row extends TaskResult {
  readonly lab: string;
}

/** A row for each task of the class's labs: of labs that the learner did not hand in too. */
export function rowsOf(result: LearnerResult, { labs }: ClassInfo): readonly Row[] {
  return labs.flatMap((lab): readonly Row[] => {
    const own = result.labs.find((graded) => graded.lab.path === lab.path);
    if (own) return own.tasks.map((task) => ({ ...task, lab: lab.path }));
    const why = result.problems[0]
      ? `not graded: ${result.problems[0].file}: ${result.problems[0].reason}`
      : 'nothing was handed in for this lab';
    return lab.tasks.map(({ id, title, points, hidden }) => ({
      lab: lab.path,
      id,
      title,
      points,
      hidden,
      earned: 0,
      state: 'open',
      message: why,
    }));
  });
}

export function earnedIn(rows: readonly Row[]): number {
  return rows.reduce((sum, { earned }) => sum + earned, 0);
}

/** What a learner may read about a task. */
export function messageOf({ hidden, state, message }: TaskResult): string | undefined {
  if (state === 'green') return undefined;
  return hidden ? 'a hidden check did not pass' : printable(message ?? '');
}

/** A task's name, unique in the class. */
export function nameOf({ lab, id }: Row, { labs }: ClassInfo): string {
  return labs.length > 1 ? `${lab}/${id}` : id;
}

export function annotationsOf({ labs }: LearnerResult): readonly Annotation[] {
  return labs.flatMap(({ annotations }) => annotations);
}

/** The labs of a class, from everybody's results. The newest version of a lab counts. */
export function classInfo(results: Iterable<LearnerResult>, more: Pick<ClassInfo, 'roster' | 'column'> = {}): ClassInfo {
  const labs = new Map<string, GradedLabInfo>();
  for (const result of results)
    for (const { lab, tasks } of result.labs) {
      const known = labs.get(lab.path);
      if (known && known.version >= lab.version) continue;
      labs.set(lab.path, { ...lab, tasks: tasks.map(({ id, title, points, hidden }) => ({ id, title, points, hidden })) });
    }
  const sorted = [...labs.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    labs: sorted,
    possible: sorted.reduce((sum, { tasks }) => sum + tasks.reduce((all, { points }) => all + points, 0), 0),
    ...more,
  };
}
