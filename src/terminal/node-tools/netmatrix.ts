/** netmatrix: who reaches whom on which port, measured with packets on trial. No server hears of them. */
import type { Program, Transport } from '../../emulator/kernel/index.ts';
import type { Matrix, MatrixCell, MatrixQuestion } from '../../emulator/node/network/index.ts';
import { Namespace, reachability } from '../../emulator/node/network/index.ts';
import type { FlagSpec } from './arguments.ts';
import { parseArguments } from './arguments.ts';
import { policyNotice } from './policy-notice.ts';

const flags: FlagSpec = {
  '-n': { name: 'namespace', takesValue: true },
  '--namespace': { name: 'namespace', takesValue: true },
  '-A': { name: 'all' },
  '--all-namespaces': { name: 'all' },
  '--from': { name: 'from', takesValue: true },
  '-p': { name: 'port', takesValue: true },
  '--port': { name: 'port', takesValue: true },
  '--nodes': { name: 'nodes' },
  '--why': { name: 'why' },
  '-h': { name: 'help' },
  '--help': { name: 'help' },
};

const help = `Usage: netmatrix [-n NAMESPACE[,NAMESPACE]] [--from NAMESPACE[,NAMESPACE]] [-p PORT[/udp][,PORT]] [-A] [--nodes] [--why]
Who reaches whom: a row for each Pod that sends, a column for each port on which a Pod listens and for each Service.
Packets on trial meet the same tables as real ones; no server hears of them, and nothing changes.
  -n, --namespace  Pods and Services of these namespaces (default)
  --from           senders of these namespaces, where others are meant
  -p, --port       these ports instead of those that are open
  -A               all namespaces but kube-system
  --nodes          nodes, and the host beside them, send too
  --why            a sentence for each attempt that fails
`;

const legend: Readonly<Record<MatrixCell['verdict'], string>> = {
  yes: 'it is answered',
  some: 'as many of the endpoints are reached',
  egress: 'a NetworkPolicy of the sender drops it',
  ingress: 'a NetworkPolicy of the target drops it',
  refused: 'nobody listens there',
  lost: 'no way leads there',
};

const listOf = (text: string | undefined): readonly string[] => (text ?? '').split(',').filter(Boolean);

/** Undefined when one is no port. */
function portsIn(text: string | undefined): MatrixQuestion['ports'] | null {
  if (text === undefined) return undefined;
  const ports = listOf(text).map((word) => /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/i.exec(word));
  if (ports.length === 0 || ports.some((match) => !match || Number(match[1]) < 1 || Number(match[1]) > 65_535)) return null;
  return ports.map((match) => ({ port: Number(match![1]), protocol: (match![2] ?? 'tcp').toUpperCase() as Transport }));
}

export const netmatrix: Program = function* (sys) {
  const { flags: given, words, unknown } = parseArguments(sys.argv.slice(1), flags);
  if (given.has('help')) {
    yield* sys.print(1, help);
    return 0;
  }
  const ports = portsIn(given.get('port'));
  if (unknown !== undefined || words.length > 0 || ports === null) {
    const problem = ports === null ? `${given.get('port')} is no port` : `unexpected argument ${unknown ?? words[0]}`;
    yield* sys.print(2, `netmatrix: ${problem}\n${help}`);
    return 2;
  }
  if (!(sys.net instanceof Namespace)) throw new Error('netmatrix needs the wire');
  const { network } = sys.net.node;
  const namespaces = given.has('namespace') ? listOf(given.get('namespace')) : ['default'];
  const isTarget = given.has('all') ? (name: string) => name !== 'kube-system' : (name: string) => namespaces.includes(name);
  const from = listOf(given.get('from'));
  const isSource = from.length > 0 ? (name: string) => from.includes(name) : isTarget;
  const matrix = reachability(network, { isTarget, isSource, ports, hasNodes: given.has('nodes') });
  if (matrix.sources.length === 0 || matrix.targets.length === 0) {
    const what = matrix.sources.length === 0 ? 'no Pod with an address' : 'no Pod that listens on a port, and no Service';
    yield* sys.print(2, `There is ${what} in ${given.has('all') ? 'any namespace' : namespaces.join(', ')}.\n`);
    return 1;
  }
  // One namespace need not be said in each name.
  const only = !given.has('all') && from.length === 0 && namespaces.length === 1 ? `${namespaces[0]}/` : '';
  const width = sys.tty?.columns ?? 100;
  yield* sys.print(1, tables(matrix, only, width).join('\n'));
  yield* sys.print(1, legendOf(matrix));
  if (given.has('why')) yield* sys.print(1, reasons(matrix, only));
  yield* sys.print(1, policyNotice(network));
  return 0;
};

const short = (name: string, only: string): string => (only !== '' ? name.replace(only, '') : name);

const wordOf = ({ verdict, share }: MatrixCell): string => (verdict === 'some' ? share : verdict);

/** As many columns side by side as fit. */
function tables({ sources, targets, cells }: Matrix, only: string, width: number): readonly string[] {
  const names = sources.map((name) => short(name, only));
  const first = Math.max('FROM \\ TO'.length, ...names.map(({ length }) => length)) + 3;
  const columns = targets.map(({ name }, i) => {
    const words = [short(name, only), ...cells.map((row) => wordOf(row[i]!))];
    return { words, width: Math.max(...words.map(({ length }) => length)) + 3 };
  });
  const tables: string[] = [];
  for (let i = 0; i < columns.length; ) {
    const shown: typeof columns = [];
    for (let used = first; i < columns.length && (shown.length === 0 || used + columns[i]!.width <= width); i++) {
      shown.push(columns[i]!);
      used += columns[i]!.width;
    }
    const row = (head: string, at: number): string =>
      `${head.padEnd(first)}${shown.map((column) => column.words[at]!.padEnd(column.width)).join('')}`.trimEnd();
    tables.push(`${[row('FROM \\ TO', 0), ...names.map((name, at) => row(name, at + 1))].join('\n')}\n`);
  }
  return tables;
}

function legendOf({ cells, leftOut }: Matrix): string {
  const seen = new Set(cells.flat().map(({ verdict }) => verdict));
  const words = (['egress', 'ingress', 'refused', 'lost'] as const).filter((verdict) => seen.has(verdict));
  const lines = words.map((verdict) => `${verdict}: ${legend[verdict]}`);
  if (seen.has('some')) lines.push(`1/2: ${legend.some}`);
  if (leftOut > 0) lines.push(`${leftOut} Pods are left out: name fewer namespaces.`);
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

function reasons({ sources, targets, cells }: Matrix, only: string): string {
  const lines = sources.flatMap((source, i) =>
    targets.flatMap((target, j) => {
      const { verdict, why } = cells[i]![j]!;
      return verdict === 'yes' ? [] : [`${short(source, only)} -> ${short(target.name, only)}: ${why}`];
    }),
  );
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}
