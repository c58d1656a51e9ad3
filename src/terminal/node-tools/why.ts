/** why: how a decision came about. Of Pods: each node's verdict, each score, and why one node won. Of users: the rules that were looked at. */
import type { SchedulingAttempt } from '../../emulator/control-plane/kube-scheduler/decisions.ts';
import { isSchedulingAttempt } from '../../emulator/control-plane/kube-scheduler/decisions.ts';
import { whyWords } from '../../emulator/control-plane/kube-scheduler/why.ts';
import type { Decision, Program } from '../../emulator/kernel/index.ts';
import { humanDuration } from '../../emulator/machinery/duration.ts';
import type { FlagSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { whyAccess } from './why-access.ts';

const flags: FlagSpec = {
  '-n': { name: 'namespace', takesValue: true },
  '--namespace': { name: 'namespace', takesValue: true },
  '-a': { name: 'all' },
  '--all': { name: 'all' },
  '-h': { name: 'help' },
  '--help': { name: 'help' },
};

const help = `Usage: why pod NAME [-n NAMESPACE] [--all]
       why user NAME [--all]
Of a Pod, how the scheduler came to put it where it is, or nowhere: the verdict of the filters about each node, the points of
each plugin, and one sentence about what decided. Of a user, whether the last request was allowed, by which binding and rule,
or which rules were looked at and what each of them lacks.
  -n, --namespace  the Pod's namespace (default)
  -a, --all        all that is remembered in full, not only the last
`;

const userWords = new Set(['user', 'users']);
const podWords = new Set(['pod', 'pods', 'po']);

/** `pod web-0`, `pod/web-0` and `web-0` mean the same. */
function podNamed(words: readonly string[]): string | undefined {
  const [first, second, ...rest] = words.flatMap((word) => word.split('/'));
  if (first === undefined || rest.length > 0) return undefined;
  if (second === undefined) return podWords.has(first) ? undefined : first;
  return podWords.has(first) ? second : undefined;
}

export const why: Program = function* (sys) {
  const { flags: given, words, unknown } = parseArguments(sys.argv.slice(1), flags);
  if (given.has('help')) {
    yield* sys.print(1, help);
    return 0;
  }
  if (unknown === undefined && words.length === 2 && userWords.has(words[0]!)) return yield* whyAccess(sys, words[1]!, given.has('all'));
  const name = podNamed(words);
  if (unknown !== undefined || name === undefined) {
    const problem = unknown === undefined ? 'name one Pod, or one user' : `unexpected argument ${unknown}`;
    yield* sys.print(2, `why: ${problem}\n${help}`);
    return 2;
  }
  const namespace = given.get('namespace') ?? 'default';
  const decisions = (sys.kernel.decisions?.about('pods', namespace, name) ?? []).filter(({ data }) => isSchedulingAttempt(data));
  if (decisions.length === 0) {
    yield* sys.print(
      2,
      `why: no scheduler has decided about pod ${namespace}/${name}. Either it is not there, or it waits outside the queue for its scheduling gates, or it names its node itself, or no scheduler serves its schedulerName.\n`,
    );
    return 1;
  }
  const now = sys.kernel.loop.now;
  const width = sys.tty?.columns ?? 100;
  const shown = given.has('all') ? decisions : decisions.slice(-1);
  const earlier = decisions.slice(0, -shown.length).map((decision) => `${headOf(decision, now)}\n  ${wordsOf(decision)}\n`);
  const full = shown.map(
    (decision) => `${headOf(decision, now)}\n${tablesOf(decision.data as SchedulingAttempt, width)}\n${wordsOf(decision)}\n`,
  );
  yield* sys.print(1, [...earlier, ...full].join('\n'));
  return 0;
};

const wordsOf = ({ data }: Decision): string => whyWords(data as SchedulingAttempt);

function headOf({ data, atMs }: Decision, now: number): string {
  const { attempt, profile } = data as SchedulingAttempt;
  return `Attempt ${attempt} of ${profile}, ${humanDuration(now - atMs)} ago`;
}

function tablesOf(attempt: SchedulingAttempt, width: number): string {
  return verdicts(attempt) + (attempt.plugins.length > 0 ? points(attempt, width) : '');
}

/** Columns as wide as their longest word. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)) + 3);
  return `${rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

function verdicts({ rejected, rejectedCount, scored, feasibleCount, unseenCount, chosen }: SchedulingAttempt): string {
  const passed = scored.map(({ node }) => [node, 'passed', node === chosen ? 'chosen' : ''] as const);
  if (passed.length === 0 && chosen !== undefined) passed.push([chosen, 'passed', 'chosen']);
  const refused = rejected.map(({ node, plugin, reasons }) => [node, plugin, reasons.join(', ')] as const);
  const rows = [['NODE', 'FILTERS', 'REASON'] as const, ...passed, ...refused];
  const more = [
    feasibleCount > scored.length ? `${feasibleCount - scored.length} more passed` : '',
    rejectedCount > rejected.length ? `${rejectedCount - rejected.length} more were rejected` : '',
    unseenCount > 0 ? `${unseenCount} were not looked at` : '',
  ].filter(Boolean);
  return columns(rows) + (more.length > 0 ? `(${more.join(', ')})\n` : '');
}

/** A row for each plugin, a column for each node, the best first; as many nodes as fit. */
function points({ plugins, scored }: SchedulingAttempt, width: number): string {
  const first = Math.max(...plugins.map(({ name }) => name.length)) + 3;
  let left = width - first - 'WEIGHT'.length - 3;
  const nodes = scored.filter(({ node }, i) => {
    left -= Math.max(node.length, 4) + 3;
    return i === 0 || left >= 0;
  });
  const rows = plugins.map(({ name, weight }, p) => [name, `x${weight}`, ...nodes.map(({ scores }) => String(scores[p]! * weight))]);
  const total = ['TOTAL', '', ...nodes.map((node) => String(node.total))];
  const head = ['PLUGIN', 'WEIGHT', ...nodes.map(({ node }) => node)];
  const more = scored.length > nodes.length ? `(and ${scored.length - nodes.length} nodes with fewer points)\n` : '';
  return `\nPoints: each plugin's score from 0 to 100, times its weight\n${columns([head, ...rows, total])}${more}`;
}
