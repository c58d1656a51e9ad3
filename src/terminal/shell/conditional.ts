/** Conditions: `[[ … ]]`, and `test` or `[`. */
import type { TestExpression } from 'unbash';
import type { Inode, Sys } from '../../emulator/kernel/index.ts';
import { evaluateText } from './arithmetic.ts';
import { ExpansionError } from './scope.ts';
import { arithmeticScope, expandPattern, expandRegExp, expandText } from './expansion.ts';
import type { Shell } from './interpreter.ts';
import { patternRegExp } from './pattern.ts';
import { posixRegExp } from './regular-expression.ts';

/** A condition that is not well formed: status 2. */
export class TestError extends Error {}

function find(sys: Sys, path: string, followLast = true): Inode | undefined {
  return path === '' ? undefined : sys.fs.find(sys.path(path), { followLast });
}

function sizeOf(inode: Inode | undefined): number {
  return inode?.kind === 'file' ? (inode.generate?.() ?? inode.data).length : inode?.kind === 'directory' ? 1 : 0;
}

const unaryOperators = new Set([
  '-n',
  '-z',
  '-e',
  '-a',
  '-f',
  '-d',
  '-s',
  '-t',
  '-r',
  '-w',
  '-x',
  '-h',
  '-L',
  '-v',
  '-o',
  '-b',
  '-c',
  '-p',
  '-S',
  '-O',
  '-G',
  '-u',
  '-g',
  '-k',
  '-N',
  '-R',
]);

function unary(shell: Shell, operator: string, operand: string): boolean {
  const { sys } = shell;
  switch (operator) {
    case '-n':
      return operand !== '';
    case '-z':
      return operand === '';
    case '-v':
      return isSet(shell, operand);
    case '-o':
      return shell.state.options[operand as keyof typeof shell.state.options] === true;
    case '-t':
      return isTerminal(sys, operand);
    case '-h':
    case '-L':
      return find(sys, operand, false)?.kind === 'symlink';
    case '-f':
      return find(sys, operand)?.kind === 'file';
    case '-d':
      return find(sys, operand)?.kind === 'directory';
    case '-c':
      return find(sys, operand)?.kind === 'device';
    case '-s':
      return sizeOf(find(sys, operand)) > 0;
    case '-x':
      return ((find(sys, operand)?.mode ?? 0) & 0o111) !== 0;
    case '-w':
      return find(sys, operand) !== undefined && !sys.fs.mountOf(sys.path(operand))?.readOnly;
    case '-u':
      return ((find(sys, operand)?.mode ?? 0) & 0o4000) !== 0;
    case '-g':
      return ((find(sys, operand)?.mode ?? 0) & 0o2000) !== 0;
    case '-k':
      return ((find(sys, operand)?.mode ?? 0) & 0o1000) !== 0;
    case '-b':
    case '-p':
    case '-S':
      return false; // There are no block devices, named pipes or socket files.
    case '-R':
    case '-N':
      return false;
    default:
      return find(sys, operand) !== undefined;
  }
}

function isSet(shell: Shell, name: string): boolean {
  const match = /^(\w+)\[(.*)\]$/s.exec(name);
  return match ? shell.elements(match[1]!).has(shell.subscript(match[1]!, match[2]!)) : shell.get(name) !== undefined;
}

function isTerminal(sys: Sys, fd: string): boolean {
  try {
    return sys.isatty(Number(fd));
  } catch {
    return false;
  }
}

const numeric: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

const binaryOperators = new Set([...Object.keys(numeric), '=', '==', '!=', '<', '>', '-nt', '-ot', '-ef']);

function compareFiles(sys: Sys, left: string, operator: string, right: string): boolean {
  const [a, b] = [find(sys, left), find(sys, right)];
  if (operator === '-ef') return a !== undefined && a === b;
  const [newer, older] = operator === '-nt' ? [a, b] : [b, a];
  return newer !== undefined && (older === undefined || newer.mtimeMs > older.mtimeMs);
}

function integer(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestError(`${text}: integer expression expected`);
  return Number(text);
}

function binary(sys: Sys, left: string, operator: string, right: string, number: (text: string) => number): boolean {
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '>':
      return left > right;
    case '-nt':
    case '-ot':
    case '-ef':
      return compareFiles(sys, left, operator, right);
    default: {
      const compare = numeric[operator];
      if (!compare) throw new TestError(`${operator}: binary operator expected`);
      return compare(number(left), number(right));
    }
  }
}

/** `[[ … ]]`. */
export function testExpression(shell: Shell, node: TestExpression): boolean {
  switch (node.type) {
    case 'TestUnary':
      return unary(shell, node.operator, expandText(node.operand, shell));
    case 'TestNot':
      return testExpression(shell, node.operand) !== (node.negations.length % 2 === 1);
    case 'TestGroup':
      return testExpression(shell, node.expression);
    case 'TestLogical':
      return node.operator === '&&'
        ? node.operands.every((o) => testExpression(shell, o))
        : node.operands.some((o) => testExpression(shell, o));
    case 'TestBinary': {
      const left = expandText(node.left, shell);
      if (/^[!=]?=$/.test(node.operator)) return patternRegExp(expandPattern(node.right, shell)).test(left) === (node.operator !== '!=');
      if (node.operator === '=~') return matches(shell, left, expandRegExp(node.right, shell));
      return binary(shell.sys, left, node.operator, expandText(node.right, shell), (text) => evaluateText(text, arithmeticScope(shell)));
    }
  }
}

function matches(shell: Shell, text: string, pattern: string): boolean {
  let match: RegExpExecArray | null;
  try {
    match = posixRegExp(pattern, { extended: true }).exec(text);
  } catch {
    throw new ExpansionError(`[[: invalid regular expression \`${pattern}'`);
  }
  shell.state.variables.setElements('BASH_REMATCH', new Map(match ? [...match].map((group, i) => [String(i), group ?? '']) : []));
  return match !== null;
}

/** `test` and `[`: the arguments after the name, without the closing bracket. Throws `TestError`. */
export function testArguments(shell: Shell, args: readonly string[]): boolean {
  switch (args.length) {
    case 0:
      return false;
    case 1:
      return args[0] !== '';
    case 2:
      if (args[0] === '!') return args[1] === '';
      if (!unaryOperators.has(args[0]!)) throw new TestError(`${args[0]}: unary operator expected`);
      return unary(shell, args[0]!, args[1]!);
    case 3:
      if (binaryOperators.has(args[1]!)) return binary(shell.sys, args[0]!, args[1]!, args[2]!, integer);
      break;
  }
  if (args[0] === '!' && args.length <= 4) return !testArguments(shell, args.slice(1));
  const parser = new TestParser(shell, args);
  return parser.parse();
}

/** The grammar of POSIX's `test` with -a, -o and parentheses, for more than three arguments. */
class TestParser {
  readonly #shell: Shell;
  readonly #args: readonly string[];
  #next = 0;

  constructor(shell: Shell, args: readonly string[]) {
    this.#shell = shell;
    this.#args = args;
  }

  parse(): boolean {
    const result = this.#or();
    if (this.#next < this.#args.length) throw new TestError('too many arguments');
    return result;
  }

  #or(): boolean {
    let result = this.#and();
    while (this.#args[this.#next] === '-o') {
      this.#next++;
      const right = this.#and();
      result ||= right;
    }
    return result;
  }

  #and(): boolean {
    let result = this.#primary();
    while (this.#args[this.#next] === '-a') {
      this.#next++;
      const right = this.#primary();
      result &&= right;
    }
    return result;
  }

  #primary(): boolean {
    const [first, second, third] = this.#args.slice(this.#next, this.#next + 3);
    if (first === undefined) throw new TestError('argument expected');
    if (first === '!') {
      this.#next++;
      return !this.#primary();
    }
    if (second !== undefined && third !== undefined && binaryOperators.has(second)) {
      this.#next += 3;
      return binary(this.#shell.sys, first, second, third, integer);
    }
    if (first === '(') {
      this.#next++;
      const result = this.#or();
      if (this.#args[this.#next++] !== ')') throw new TestError("`)' expected");
      return result;
    }
    if (unaryOperators.has(first) && second !== undefined) {
      this.#next += 2;
      return unary(this.#shell, first, second);
    }
    this.#next++;
    return first !== '';
  }
}
