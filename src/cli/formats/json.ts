import { earnedIn, rowsOf } from './format.ts';
import type { Format } from './format.ts';

/** The project's own: `labs/result/v1` of each learner (which `labs grade` keeps anyway, in `results/`), and a summary of the class. */
export const json: Format = {
  learner: (result) => [{ name: 'result.json', text: `${JSON.stringify(result)}\n` }],
  group: (results, info) => {
    const learners = [];
    for (const result of results) {
      const { id, name } = result.learner;
      learners.push({
        id,
        name,
        earned: earnedIn(rowsOf(result, info)),
        handedInAt: result.handedIn?.at,
        labs: Object.fromEntries(result.labs.map(({ lab, earned }) => [lab.path, earned])),
        problems: result.problems.length,
      });
    }
    const summary = { schema: 'labs/summary/v1', possible: info.possible, labs: info.labs, learners };
    return [{ name: 'summary.json', text: `${JSON.stringify(summary)}\n` }];
  },
};
