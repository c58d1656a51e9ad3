import { Errno } from '../../../emulator/kernel/index.ts';
import type { Call, Inode, Program, Sys } from '../../../emulator/kernel/index.ts';
import { patternRegExp } from '../pattern.ts';
import { posixRegExp } from '../regular-expression.ts';
import { join, listedTime, permissions, sizeOf } from './file-listing.ts';
import { groupOf, ownerOf } from './owner.ts';
import { complain } from './tool.ts';

interface Found {
  readonly path: string;
  readonly absolute: string;
  readonly inode: Inode;
  readonly depth: number;
}

type Test = (found: Found) => Call<boolean>;

class FindError extends Error {}

const letters: Readonly<Record<string, Inode['kind']>> = { f: 'file', d: 'directory', l: 'symlink', c: 'device' };

function* yes(): Call<boolean> {
  return true;
}

/** Compares with `+n` (more), `-n` (less) or `n`. */
function amount(text: string, option: string): (value: number) => boolean {
  const match = /^([-+]?)(\d+)$/.exec(text);
  if (!match) throw new FindError(`invalid argument \`${text}' to \`${option}'`);
  const n = Number(match[2]);
  return (value) => (match[1] === '+' ? value > n : match[1] === '-' ? value < n : value === n);
}

class Expression {
  readonly #sys: Sys;
  readonly #args: string[];
  minDepth = 0;
  maxDepth = Number.POSITIVE_INFINITY;
  depthFirst = false;
  hasAction = false;
  isPruned = false;
  isOver = false;
  status = 0;
  /** Commands of `-exec … +`, with the paths that they will get. */
  readonly batches: { readonly argv: readonly string[]; readonly paths: string[] }[] = [];

  constructor(sys: Sys, args: readonly string[]) {
    this.#sys = sys;
    this.#args = [...args];
  }

  parse(): Test {
    if (this.#args.length === 0) return yes;
    const test = this.#or();
    if (this.#args.length > 0)
      throw new FindError(this.#args[0] === ')' ? "you have too many ')'" : `paths must precede expression: \`${this.#args[0]}'`);
    return test;
  }

  #or(): Test {
    let left = this.#and();
    while (this.#args[0] === '-o' || this.#args[0] === '-or') {
      this.#args.shift();
      const [a, b] = [left, this.#and()];
      left = function* (found) {
        return (yield* a(found)) || (yield* b(found));
      };
    }
    return left;
  }

  #and(): Test {
    let left = this.#not();
    while (this.#args.length > 0 && !['-o', '-or', ')'].includes(this.#args[0]!)) {
      if (this.#args[0] === '-a' || this.#args[0] === '-and') this.#args.shift();
      const [a, b] = [left, this.#not()];
      left = function* (found) {
        return (yield* a(found)) && (yield* b(found));
      };
    }
    return left;
  }

  #not(): Test {
    if (this.#args[0] === '!' || this.#args[0] === '-not') {
      this.#args.shift();
      const test = this.#not();
      return function* (found) {
        return !(yield* test(found));
      };
    }
    if (this.#args[0] !== '(') return this.#primary();
    this.#args.shift();
    const test = this.#or();
    if (this.#args.shift() !== ')') throw new FindError("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
    return test;
  }

  #value(option: string): string {
    const value = this.#args.shift();
    if (value === undefined) throw new FindError(`missing argument to \`${option}'`);
    return value;
  }

  #primary(): Test {
    const option = this.#args.shift() ?? '';
    const simple = this.#test(option);
    if (simple) {
      return function* (found) {
        return simple(found);
      };
    }
    const action = this.#action(option);
    if (!action) throw new FindError(/^-/.test(option) ? `unknown predicate \`${option}'` : `paths must precede expression: \`${option}'`);
    this.hasAction ||= option !== '-prune';
    return action;
  }

  #test(option: string): ((found: Found) => boolean) | undefined {
    const now = this.#sys.nowMs;
    switch (option) {
      case '-name':
      case '-iname': {
        const pattern = this.#value(option);
        const regExp = patternRegExp(option === '-iname' ? pattern.toLowerCase() : pattern);
        return ({ path }) => {
          const name = path.slice(path.lastIndexOf('/') + 1) || path;
          return regExp.test(option === '-iname' ? name.toLowerCase() : name);
        };
      }
      case '-path':
      case '-wholename': {
        const regExp = patternRegExp(this.#value(option));
        return ({ path }) => regExp.test(path);
      }
      case '-regex': {
        const regExp = posixRegExp(`^(?:${posixRegExp(this.#value(option)).source})$`, { extended: true });
        return ({ path }) => regExp.test(path);
      }
      case '-type': {
        const kinds = this.#value(option)
          .split(',')
          .map((letter) => {
            if (!letters[letter] && !'bps'.includes(letter)) throw new FindError(`Unknown argument to -type: ${letter}`);
            return letters[letter];
          });
        return ({ inode }) => kinds.includes(inode.kind);
      }
      case '-empty':
        return ({ inode, absolute }) =>
          inode.kind === 'directory' ? this.#sys.fs.list(absolute).length === 0 : inode.kind === 'file' && sizeOf(inode) === 0;
      case '-size': {
        const text = this.#value(option);
        const match = /^([-+]?\d+)([bcwkMG]?)$/.exec(text);
        if (!match) throw new FindError(`Invalid argument \`${text}' to -size`);
        const unit = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2]!]!;
        const isIt = amount(match[1]!, option);
        return ({ inode }) => isIt(Math.ceil(sizeOf(inode) / unit));
      }
      case '-mtime':
      case '-mmin': {
        const isIt = amount(this.#value(option), option);
        const unit = option === '-mmin' ? 60_000 : 86_400_000;
        return ({ inode }) => isIt(Math.floor((now - inode.mtimeMs) / unit));
      }
      case '-newer': {
        const than = this.#sys.fs.find(this.#sys.path(this.#value(option)));
        return ({ inode }) => than !== undefined && inode.mtimeMs > than.mtimeMs;
      }
      case '-perm': {
        const text = this.#value(option);
        const wanted = Number.parseInt(text.replace(/^[-/]/, ''), 8);
        if (Number.isNaN(wanted)) throw new FindError(`invalid mode \`${text}'`);
        return ({ inode }) =>
          text.startsWith('-')
            ? (inode.mode & wanted) === wanted
            : text.startsWith('/')
              ? (inode.mode & wanted) !== 0
              : inode.mode === wanted;
      }
      case '-executable':
        return ({ inode }) => (inode.mode & 0o111) !== 0;
      case '-true':
        return () => true;
      case '-false':
        return () => false;
      case '-maxdepth':
      case '-mindepth': {
        const text = this.#value(option);
        if (!/^\d+$/.test(text)) throw new FindError(`Expected a positive decimal integer argument to ${option}, but got \`${text}'`);
        if (option === '-maxdepth') this.maxDepth = Number(text);
        else this.minDepth = Number(text);
        return () => true;
      }
      case '-depth':
        this.depthFirst = true;
        return () => true;
      default:
        return undefined;
    }
  }

  #action(option: string): Test | undefined {
    const sys = this.#sys;
    // eslint-disable-next-line: the generators below need the expression itself.
    const expression = this;
    switch (option) {
      case '-print':
        return printer(sys, ({ path }) => `${path}\n`);
      case '-print0':
        return printer(sys, ({ path }) => `${path}\0`);
      case '-printf': {
        const format = this.#value(option);
        return printer(sys, (found) => formatted(format, found));
      }
      case '-ls':
        return printer(
          sys,
          ({ path, inode }) =>
            `${permissions(inode)} 1 ${ownerOf(sys, inode)} ${groupOf(sys, inode)} ${String(sizeOf(inode)).padStart(8)} ${listedTime(sys, inode)} ${path}\n`,
        );
      case '-prune':
        return function* () {
          expression.isPruned = true;
          return true;
        };
      case '-quit':
        return function* () {
          expression.isOver = true;
          return true;
        };
      case '-delete':
        this.depthFirst = true;
        return function* ({ path, absolute }) {
          try {
            sys.fs.remove(absolute);
            return true;
          } catch (error) {
            if (!(error instanceof Errno)) throw error;
            expression.status = yield* complain(sys, `cannot delete '${path}': ${error.message}`);
            return false;
          }
        };
      case '-exec':
      case '-execdir':
      case '-ok':
        return this.#exec(option);
      default:
        return undefined;
    }
  }

  #exec(option: string): Test {
    const sys = this.#sys;
    const end = this.#args.findIndex((arg, i) => arg === ';' || (arg === '+' && this.#args[i - 1] === '{}'));
    if (end < 0) throw new FindError(`missing argument to \`${option}'`);
    const argv = this.#args.splice(0, end);
    if (this.#args.shift() === '+') {
      const batch = { argv: argv.slice(0, -1), paths: [] as string[] };
      this.batches.push(batch);
      return function* ({ path }) {
        batch.paths.push(path);
        return true;
      };
    }
    return function* ({ path }) {
      return (
        (yield* execute(
          sys,
          argv.map((arg) => arg.replaceAll('{}', path)),
        )) === 0
      );
    };
  }
}

function printer(sys: Sys, text: (found: Found) => string): Test {
  return function* (found) {
    yield* sys.print(1, text(found));
    return true;
  };
}

function formatted(format: string, { path, inode, depth }: Found): string {
  return format.replace(/\\([nt0\\])|%([pfhsmyd%])/g, (_, escaped: string | undefined, field: string | undefined) => {
    if (escaped) return { n: '\n', t: '\t', '0': '\0', '\\': '\\' }[escaped]!;
    switch (field) {
      case 'p':
        return path;
      case 'f':
        return path.slice(path.lastIndexOf('/') + 1);
      case 'h':
        return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
      case 's':
        return String(sizeOf(inode));
      case 'm':
        return inode.mode.toString(8);
      case 'y':
        return { file: 'f', directory: 'd', symlink: 'l', device: 'c' }[inode.kind];
      case 'd':
        return String(depth);
      default:
        return '%';
    }
  });
}

/** Runs a command and waits for it. */
export function* execute(sys: Sys, argv: readonly string[]): Call<number> {
  try {
    const { program, argv: words } = sys.load(argv[0]!, argv);
    return (yield* sys.wait(sys.spawn({ program, argv: words }))).code;
  } catch (error) {
    if (!(error instanceof Errno) || error.code === 'ECHILD') throw error;
    yield* complain(sys, `${argv[0]}: ${error.message}`);
    return error.code === 'ENOENT' ? 127 : 126;
  }
}

function* walk(sys: Sys, expression: Expression, test: Test, path: string, depth: number): Call<void> {
  const absolute = sys.path(path);
  const inode = sys.fs.find(absolute, { followLast: false });
  if (!inode || expression.isOver) return;
  const found = { path, absolute, inode, depth };
  const visit = function* (): Call<void> {
    if (depth >= expression.minDepth && !expression.isOver) yield* test(found);
  };
  expression.isPruned = false;
  if (!expression.depthFirst) yield* visit();
  const isPruned = expression.isPruned;
  if (inode.kind === 'directory' && depth < expression.maxDepth && !isPruned) {
    for (const name of sys.fs.list(absolute)) yield* walk(sys, expression, test, join(path, name), depth + 1);
  }
  if (expression.depthFirst) yield* visit();
  if (sys.tick()) yield* sys.preempt();
}

export const find: Program = function* (sys) {
  const args = sys.argv.slice(1);
  while (/^-[HLP]$/.test(args[0] ?? '')) args.shift();
  const first = args.findIndex((arg) => /^[-!(]/.test(arg));
  const paths = first < 0 ? args : args.slice(0, first);
  const expression = new Expression(sys, first < 0 ? [] : args.slice(first));
  try {
    const parsed = expression.parse();
    const test: Test = expression.hasAction
      ? parsed
      : function* (found) {
          if (!(yield* parsed(found))) return false;
          yield* sys.print(1, `${found.path}\n`);
          return true;
        };
    for (const path of paths.length > 0 ? paths : ['.']) {
      if (!sys.fs.find(sys.path(path), { followLast: false }))
        expression.status = yield* complain(sys, `'${path}': No such file or directory`);
      else yield* walk(sys, expression, test, path, 0);
    }
  } catch (error) {
    if (!(error instanceof FindError)) throw error;
    return yield* complain(sys, error.message);
  }
  for (const { argv, paths: batch } of expression.batches)
    if (batch.length > 0 && (yield* execute(sys, [...argv, ...batch])) !== 0) expression.status = 1;
  return expression.status;
};
