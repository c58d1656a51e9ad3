/** What stands around a learner's script in the interpreter: it takes a Pod and nodes as JSON and answers with their scores. */

/** What comes back from `scoreNodes`. */
export interface Answer {
  readonly scores: readonly number[];
  readonly lines: readonly string[];
  /** Why there are no scores. */
  readonly problem?: string;
}

/** Plain JavaScript, run before the learner's own file. `console.log` keeps lines for the scheduler's log. */
export const frame = `
globalThis.console = {
  lines: [],
  log(...words) {
    if (this.lines.length < 50) this.lines.push(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' '));
  },
};
function hasScore() {
  return typeof score === 'function' ? 'yes' : 'no';
}
function scoreNodes(text) {
  const { pod, nodes } = JSON.parse(text);
  const scores = [];
  let problem;
  console.lines = [];
  for (const node of nodes) {
    let value;
    try {
      value = score(pod, node);
    } catch (error) {
      const place = /\\(?([\\w.-]+\\.js:\\d+)/.exec((error && error.stack) || '');
      problem = node.name + ': ' + error + (place ? ' (' + place[1] + ')' : '');
      break;
    }
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      problem = node.name + ': score returned ' + (typeof value === 'object' ? JSON.stringify(value) : String(value)) + ', and not a number';
      break;
    }
    scores.push(Math.trunc(value));
  }
  return JSON.stringify({ scores, lines: console.lines, problem });
}
`;
