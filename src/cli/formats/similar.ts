/** Learners whose sessions asked the same of the API server, in the same order. */
import type { LearnerResult } from '../../lab/grading/result.ts';

export interface SimilarGroup {
  readonly lab: string;
  readonly requests: number;
  /** The same but for names that the learners chose. */
  readonly isRenamed: boolean;
  /** Ids, sorted. */
  readonly learners: readonly string[];
}

/** Fewer requests than this say nothing. */
const fewest = 5;

/** The longest sessions first: the longer, the less likely by chance. */
export function similar(results: Iterable<LearnerResult>): readonly SimilarGroup[] {
  const groups = new Map<string, { lab: string; requests: number; learners: string[]; exact: Set<string> }>();
  for (const { learner, labs } of results)
    for (const { lab, trail } of labs) {
      if (trail.requests < fewest) continue;
      const key = `${lab.path} ${trail.renamed}`;
      const group = groups.get(key) ?? { lab: lab.path, requests: trail.requests, learners: [], exact: new Set<string>() };
      groups.set(key, group);
      group.learners.push(learner.id);
      group.exact.add(trail.same);
    }
  return [...groups.values()]
    .filter(({ learners }) => learners.length > 1)
    .map(({ lab, requests, learners, exact }) => ({ lab, requests, isRenamed: exact.size > 1, learners: learners.sort() }))
    .sort((a, b) => b.requests - a.requests || (a.lab < b.lab ? -1 : 1));
}
