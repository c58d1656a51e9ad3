/**
 * jq: filters over JSON. The everyday part of version 1.7.
 *
 * Absent: modules, `label`/`break`, `?//`, `getpath` in all its forms of streaming, SQL-style functions, `ltrimstr`'s rarer kin.
 */
import { Errno, textOf } from '../../../../emulator/kernel/index.ts';
import type { Call, Program, Sys } from '../../../../emulator/kernel/index.ts';
import { readText } from '../tool.ts';
import { Evaluator, Scope } from './evaluator.ts';
import { parseJq } from './parser.ts';
import { JqSyntaxError } from './syntax.ts';
import type { Filter } from './syntax.ts';
import { JqError, isTrue, print } from './values.ts';
import type { Json, JsonObject, PrintOptions } from './values.ts';

interface Settings {
  isRaw: boolean;
  joins: boolean;
  isNull: boolean;
  readsRaw: boolean;
  slurps: boolean;
  exitStatus: boolean;
  indent: number | '\t';
  sortKeys: boolean;
  color: boolean | undefined;
  ascii: boolean;
  readonly named: Map<string, Json>;
  positional: Json[];
}

/** Splits a text into the JSON values that follow one another in it. Throws JqSyntaxError for what is no JSON. */
export function parseValues(text: string): Json[] {
  try {
    return text.trim() === '' ? [] : [JSON.parse(text) as Json];
  } catch {
    // Not one value: perhaps several.
  }
  const values: Json[] = [];
  for (let at = 0; at < text.length; ) {
    const start = at + /^\s*/.exec(text.slice(at))![0].length;
    if (start >= text.length) break;
    const end = endOfValue(text, start);
    const part = text.slice(start, end);
    try {
      values.push(JSON.parse(part) as Json);
    } catch {
      const line = text.slice(0, end).split('\n').length;
      throw new JqSyntaxError(
        /^[[{"]/.test(part)
          ? `Unfinished JSON term at EOF at line ${line}, column ${part.length}`
          : `Invalid numeric literal at line ${line}, column ${end - text.lastIndexOf('\n', end - 1) - 1}`,
      );
    }
    at = end;
  }
  return values;
}

function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      if (depth === 0) return i + 1;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      if (--depth <= 0) return i + 1;
    } else if (depth === 0 && /[\s,]/.test(char)) return i;
  }
  return text.length;
}

class Usage extends Error {}

function parseArguments(argv: readonly string[]): {
  readonly settings: Settings;
  readonly operands: readonly string[];
  readonly files: readonly { readonly name: string; readonly path: string; readonly isRaw: boolean }[];
} {
  const settings: Settings = {
    isRaw: false,
    joins: false,
    isNull: false,
    readsRaw: false,
    slurps: false,
    exitStatus: false,
    indent: 2,
    sortKeys: false,
    color: undefined,
    ascii: false,
    named: new Map(),
    positional: [],
  };
  const operands: string[] = [];
  const files: { name: string; path: string; isRaw: boolean }[] = [];
  for (let i = 1; i < argv.length; i++) {
    const arg = argv[i]!;
    if (!/^-./.test(arg) || arg === '--') {
      if (arg !== '--') operands.push(arg);
      continue;
    }
    const longs: Readonly<Record<string, string>> = {
      '--raw-output': 'r',
      '--join-output': 'j',
      '--null-input': 'n',
      '--raw-input': 'R',
      '--slurp': 's',
      '--compact-output': 'c',
      '--exit-status': 'e',
      '--sort-keys': 'S',
      '--color-output': 'C',
      '--monochrome-output': 'M',
      '--tab': 't',
      '--ascii-output': 'a',
    };
    if (arg === '--arg' || arg === '--argjson') {
      const [name, value] = [argv[++i], argv[++i]];
      if (name === undefined || value === undefined) throw new Usage(`jq: ${arg} takes two parameters (e.g. ${arg} varname value)`);
      try {
        settings.named.set(name, arg === '--arg' ? value : (JSON.parse(value) as Json));
      } catch {
        throw new Usage(`jq: Invalid JSON text passed to --argjson`);
      }
    } else if (arg === '--slurpfile' || arg === '--rawfile')
      files.push({ name: argv[++i] ?? '', path: argv[++i] ?? '', isRaw: arg === '--rawfile' });
    else if (arg === '--args' || arg === '--jsonargs') {
      const rest = argv.slice(i + 1);
      if (operands.length === 0) operands.push(rest.shift() ?? '.');
      settings.positional = rest.map((item) => (arg === '--args' ? item : (JSON.parse(item) as Json)));
      break;
    } else if (arg === '--indent') settings.indent = Number(argv[++i]);
    else {
      for (const letter of longs[arg] ?? (arg.startsWith('--') ? '-' : arg.slice(1))) {
        if (letter === 'r') settings.isRaw = true;
        else if (letter === 'j') settings.isRaw = settings.joins = true;
        else if (letter === 'n') settings.isNull = true;
        else if (letter === 'R') settings.readsRaw = true;
        else if (letter === 's') settings.slurps = true;
        else if (letter === 'c') settings.indent = 0;
        else if (letter === 't') settings.indent = '\t';
        else if (letter === 'e') settings.exitStatus = true;
        else if (letter === 'S') settings.sortKeys = true;
        else if (letter === 'C') settings.color = true;
        else if (letter === 'M') settings.color = false;
        else if (letter === 'a') settings.ascii = true;
        else
          throw new Usage(
            `jq: Unknown arguments\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq`,
          );
      }
    }
  }
  return { settings, operands, files };
}

export const jq: Program = function* (sys) {
  let parsed: ReturnType<typeof parseArguments>;
  let filter: Filter;
  try {
    parsed = parseArguments(sys.argv);
    const [text] = parsed.operands;
    if (text === undefined) {
      yield* sys.print(
        2,
        'Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] -n FILTER\n\nFor listing the command options, use jq --help.\n',
      );
      return 2;
    }
    filter = parseJq(text);
  } catch (error) {
    if (error instanceof Usage) {
      yield* sys.print(2, `${error.message}\n`);
      return 2;
    }
    if (!(error instanceof JqSyntaxError)) throw error;
    yield* sys.print(2, `jq: error: ${error.message}\njq: 1 compile error\n`);
    return 3;
  }
  return yield* run(sys, filter, parsed);
};

function* run(sys: Sys, filter: Filter, { settings, operands, files }: ReturnType<typeof parseArguments>): Call<number> {
  let text = '';
  let status = 0;
  if (!settings.isNull || operands.length > 1 || !sys.isatty(0)) {
    for (const path of operands.length > 1 ? operands.slice(1) : ['-']) {
      try {
        text += yield* readText(sys, path);
      } catch (error) {
        if (!(error instanceof Errno)) throw error;
        yield* sys.print(2, `jq: error: Could not open ${path}: ${error.message}\n`);
        status = 2;
      }
    }
  }
  for (const { name, path, isRaw } of files) {
    const content = textOf(sys.fs.readFile(sys.path(path)));
    settings.named.set(name, isRaw ? content : parseValues(content));
  }
  let inputs: Json[];
  try {
    inputs = settings.readsRaw ? (settings.slurps ? [text] : text.replace(/\n$/, '').split('\n')) : parseValues(text);
    if (settings.slurps && !settings.readsRaw) inputs = [inputs];
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error;
    yield* sys.print(2, `jq: parse error: ${error.message}\n`);
    return 2;
  }
  const queue = [...inputs];
  const evaluate = (): Evaluator =>
    new Evaluator({
      env: Object.fromEntries(sys.env) as JsonObject,
      nowSeconds: sys.kernel.clock.unixMs / 1000,
      nextInput: () => queue.shift(),
    });
  const scope = new Scope(
    new Map<string, Json>([
      ...settings.named,
      ['ARGS', { positional: settings.positional, named: Object.fromEntries(settings.named) }],
      ['__prog_args', settings.positional],
    ]),
  );
  const options: PrintOptions = { indent: settings.indent, sortKeys: settings.sortKeys, isColored: settings.color ?? sys.isatty(1) };
  let last: Json | undefined;
  for (
    let input: Json | undefined = settings.isNull ? null : queue.shift();
    input !== undefined;
    input = settings.isNull ? undefined : queue.shift()
  ) {
    try {
      for (const value of evaluate().run(filter, input, scope)) {
        last = value;
        const printed = settings.isRaw && typeof value === 'string' ? value : print(value, options);
        const out = settings.ascii
          ? printed.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : printed;
        yield* sys.print(1, settings.joins ? out : `${out}\n`);
      }
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      yield* sys.print(
        2,
        /^\S+\/\d+ is not defined$|^\$\w+ is not defined$/.test(error.message)
          ? `jq: error: ${error.message} at <top-level>, line 1:\n${operands[0]}\njq: 1 compile error\n`
          : `jq: error (at ${operands.length > 1 ? operands.at(-1) : '<stdin>'}:${text.split('\n').length - 1}): ${error.message}\n`,
      );
      status = / is not defined$/.test(error.message) ? 3 : 5;
      if (status === 3) return status;
    }
  }
  if (status !== 0 || !settings.exitStatus) return status;
  return last === undefined ? 4 : isTrue(last) ? 0 : 1;
}
