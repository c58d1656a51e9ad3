/**
 * Go templates, as far as -o go-template needs them: fields, variables, pipelines, if, range, with, and the everyday functions.
 * // Differs from Kubernetes: define, template, block, break and continue are refused.
 */
import { fromBase64, textOf } from '../../../emulator/kernel/index.ts';
import { toJson } from '../../../emulator/machinery/json.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';
import { goText } from './custom-columns.ts';

type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'print'; readonly pipeline: string; readonly at: number }
  | {
      readonly type: 'block';
      readonly word: 'if' | 'range' | 'with';
      readonly pipeline: string;
      readonly at: number;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

interface Scope {
  readonly dot: Json;
  readonly variables: Map<string, Json>;
  readonly isStrict: boolean;
  /** What has been printed so far, all of which stays printed when something goes wrong. */
  readonly out: { text: string };
}

/** What goes wrong at a place of a template while it is carried out. */
class TemplateError extends Error {
  readonly at: number;
  readonly context: string;
  constructor(message: string, at: number, context: string) {
    super(message);
    this.at = at;
    this.context = context;
  }
}

/** As Go tells a place: line, and bytes from its start. */
function placed(error: TemplateError, source: string): string {
  const before = source.slice(0, error.at);
  const line = before.split('\n').length;
  return `template: output:${line}:${error.at - before.lastIndexOf('\n') - 1}: executing "output" at <${error.context}>: ${error.message}`;
}

/** The failure, after all that upstream prints of it: cli-runtime/pkg/printers/template.go. */
function failure(error: TemplateError, source: string, object: Json, printed: string): CommandError {
  const message = placed(error, source);
  const report = `Error executing template: ${message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t${source}\n\traw data was:\n\t\t${toJson(object, { isSorted: true })}\n\tobject given to template engine was:\n\t\t${goText(object)}\n\n`;
  return new CommandError(`error executing template ${JSON.stringify(source)}: ${message}`, { printed: printed + report });
}

/** Parses a template; the result turns an object into text. */
export function parseTemplate(source: string, { allowMissingKeys = true } = {}): (object: Json) => string {
  const tokens = tokenize(source);
  const { nodes, next } = parseNodes(tokens, 0, source);
  if (next < tokens.length)
    throw new CommandError(`error parsing template ${source}, template: output:1: unexpected {{${tokens[next]!.text}}}`);
  return (object) => {
    const dot = withoutUnset(object);
    const out = { text: '' };
    try {
      execute(nodes, { dot, variables: new Map([['$', dot]]), isStrict: !allowMissingKeys, out });
    } catch (error) {
      throw error instanceof TemplateError ? failure(error, source, dot, out.text) : error;
    }
    return out.text;
  };
}

/** An object as it arrives over the wire: a template that ranges over a map sees no field that is not set. */
function withoutUnset(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutUnset);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, withoutUnset(item)]),
  );
}

interface Token {
  readonly isAction: boolean;
  readonly text: string;
  /** Where the text stands in the source. */
  readonly at: number;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let rest = source;
  while (rest !== '') {
    const open = rest.indexOf('{{');
    if (open < 0) break;
    const close = rest.indexOf('}}', open);
    if (close < 0) throw new CommandError(`error parsing template ${source}, template: output:1: unclosed action`);
    let action = rest.slice(open + 2, close);
    let before = rest.slice(0, open);
    const start = source.length - rest.length + open + 2;
    rest = rest.slice(close + 2);
    if (/^-\s/.test(action)) {
      before = before.trimEnd();
      action = action.slice(1);
    }
    if (/\s-$/.test(action)) {
      rest = rest.trimStart();
      action = action.slice(0, -1);
    }
    if (before !== '') tokens.push({ isAction: false, text: before, at: 0 });
    if (!action.trim().startsWith('/*')) {
      const text = action.trim();
      tokens.push({ isAction: true, text, at: source.indexOf(text, start) });
    }
  }
  if (rest !== '') tokens.push({ isAction: false, text: rest, at: 0 });
  return tokens;
}

function parseNodes(tokens: readonly Token[], from: number, source: string): { readonly nodes: Node[]; readonly next: number } {
  const nodes: Node[] = [];
  let i = from;
  while (i < tokens.length) {
    const { isAction, text, at } = tokens[i]!;
    const word = /^\w*/.exec(text)![0];
    if (!isAction) nodes.push({ type: 'text', text });
    else if (word === 'end' || word === 'else') return { nodes, next: i };
    else if (word === 'if' || word === 'range' || word === 'with') {
      const block = parseBlock(tokens, i, word, text.slice(word.length).trim(), source);
      nodes.push(block.node);
      i = block.next;
    } else if (['define', 'template', 'block', 'break', 'continue'].includes(word))
      throw new CommandError(`error parsing template ${source}, {{${word}}} is not supported by this kubectl`);
    else nodes.push({ type: 'print', pipeline: text, at });
    i++;
  }
  return { nodes, next: i };
}

function parseBlock(
  tokens: readonly Token[],
  at: number,
  word: 'if' | 'range' | 'with',
  pipeline: string,
  source: string,
): { readonly node: Node; readonly next: number } {
  if (pipeline === '') throw new CommandError(`error parsing template ${source}, template: output:1: missing value for ${word}`);
  const body = parseNodes(tokens, at + 1, source);
  const place = tokens[at]!.at + tokens[at]!.text.indexOf(pipeline);
  const stop = tokens[body.next]?.text;
  if (stop === undefined) throw new CommandError(`error parsing template ${source}, template: output:1: unexpected EOF`);
  if (stop === 'end') return { node: { type: 'block', word, pipeline, at: place, body: body.nodes, otherwise: [] }, next: body.next };
  const chained = /^else\s+(if|with)\s+(.*)$/.exec(stop);
  if (chained) {
    const inner = parseBlock(tokens, body.next, chained[1] as 'if', chained[2]!, source);
    return { node: { type: 'block', word, pipeline, at: place, body: body.nodes, otherwise: [inner.node] }, next: inner.next };
  }
  const otherwise = parseNodes(tokens, body.next + 1, source);
  if (tokens[otherwise.next]?.text !== 'end')
    throw new CommandError(`error parsing template ${source}, template: output:1: unexpected EOF`);
  return { node: { type: 'block', word, pipeline, at: place, body: body.nodes, otherwise: otherwise.nodes }, next: otherwise.next };
}

function execute(nodes: readonly Node[], scope: Scope): void {
  for (const node of nodes) {
    if (node.type === 'text') scope.out.text += node.text;
    else if (node.type === 'print') {
      const { value, isAssignment } = evaluate(node.pipeline, scope, node.at);
      if (!isAssignment) scope.out.text += value === undefined || value === null ? '<no value>' : goText(value);
    } else executeBlock(node, scope);
  }
}

function executeBlock(node: Node & { readonly type: 'block' }, scope: Scope): void {
  const inner = { ...scope, variables: new Map(scope.variables) };
  if (node.word !== 'range') {
    const { value } = evaluate(node.pipeline, inner, node.at);
    if (!isTrue(value)) return execute(node.otherwise, inner);
    return execute(node.body, node.word === 'with' ? { ...inner, dot: value } : inner);
  }
  const match = /^(\$\w+)(?:\s*,\s*(\$\w+))?\s*:=\s*(.*)$/.exec(node.pipeline);
  const { value } = evaluate(match?.[3] ?? node.pipeline, inner, node.at);
  const entries: [Json, Json][] = Array.isArray(value)
    ? value.map((item, i) => [i, item])
    : Object.keys(value ?? {})
        .sort()
        .map((key) => [key, value[key]]);
  if (entries.length === 0) return execute(node.otherwise, inner);
  for (const [key, item] of entries) {
    const variables = new Map(inner.variables);
    if (match?.[2]) variables.set(match[1]!, key).set(match[2], item);
    else if (match) variables.set(match[1]!, item);
    execute(node.body, { ...inner, dot: item, variables });
  }
}

function evaluate(pipeline: string, scope: Scope, at: number): { readonly value: Json; readonly isAssignment: boolean } {
  const assignment = /^(\$\w*)\s*:?=\s*(.*)$/s.exec(pipeline);
  const words = split(assignment?.[2] ?? pipeline, '|');
  let value: Json;
  let from = pipeline.length - (assignment?.[2] ?? pipeline).length;
  for (const [i, command] of words.entries()) {
    value = evaluateCommand(command, scope, i === 0 ? [] : [value], at + from);
    from += command.length + 1;
  }
  if (assignment) scope.variables.set(assignment[1]!, value);
  return { value, isAssignment: assignment !== null };
}

function evaluateCommand(command: string, scope: Scope, piped: readonly Json[], at: number): Json {
  let from = 0;
  const words = split(command.trim(), ' ')
    .filter((word) => word !== '')
    .map((word) => {
      const start = command.indexOf(word, from);
      from = start + word.length;
      return { word, at: at + start };
    });
  const [first = { word: '', at }, ...rest] = words;
  const call = functions[first.word];
  if (call) return call([...rest.map((one) => operand(one.word, scope, one.at)), ...piped]);
  if (rest.length > 0 || piped.length > 0)
    throw new CommandError(`error executing template: can't give argument to non-function ${first.word}`);
  return operand(first.word, scope, first.at);
}

function operand(word: string, scope: Scope, at: number): Json {
  if (word.startsWith('(')) {
    const close = word.lastIndexOf(')');
    return fieldPath(evaluate(word.slice(1, close), scope, at + 1).value, word.slice(close + 1), scope, at, word);
  }
  if (word.startsWith('"')) return JSON.parse(word);
  if (word.startsWith('`')) return word.slice(1, -1);
  if (/^-?\d/.test(word)) return Number(word);
  if (word === 'true' || word === 'false') return word === 'true';
  if (word === 'nil') return null;
  if (word === '.') return scope.dot;
  if (word.startsWith('.')) return fieldPath(scope.dot, word, scope, at, word);
  if (word.startsWith('$')) {
    const name = /^\$\w*/.exec(word)![0];
    if (!scope.variables.has(name)) throw new CommandError(`error parsing template: undefined variable "${name}"`);
    return fieldPath(scope.variables.get(name), word.slice(name.length), scope, at, word);
  }
  const call = functions[word];
  if (call) return call([]);
  throw new CommandError(`error parsing template: function "${word}" not defined`);
}

/** The parser places a chain of fields at its second link. */
function fieldPath(value: Json, path: string, { isStrict }: Scope, at: number, context: string): Json {
  const names = path.split('.').filter((name) => name !== '');
  const second = context.indexOf('.', 1);
  const place = at + (second < 0 ? 0 : second);
  let found = value;
  for (const name of names) {
    // Of nothing every field is nothing.
    if (found === undefined || found === null) return found;
    if (typeof found !== 'object' || Array.isArray(found))
      throw new TemplateError(`can't evaluate field ${name} in type interface {}`, place, context);
    if (isStrict && !Object.hasOwn(found, name)) throw new TemplateError(`map has no entry for key "${name}"`, place, context);
    found = Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** Parts between separators that stand outside quotes and parentheses. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote !== '') {
      if (char === '\\' && quote === '"') part += text[i++];
      else if (char === quote) quote = '';
    } else if (char === '"' || char === '`') quote = char;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    if (char === separator && depth === 0 && quote === '') {
      parts.push(part);
      part = '';
    } else part += text[i];
  }
  return [...parts, part];
}

function isTrue(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function format(template: string, values: readonly Json[]): string {
  let i = 0;
  return template.replace(
    /%([-+ 0]*)(\d*)(?:\.(\d+))?([sdvqtf%])/g,
    (_, _flags, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const value = values[i++];
      const text =
        verb === 'q'
          ? JSON.stringify(goText(value))
          : verb === 'f'
            ? Number(value).toFixed(precision === undefined ? 6 : Number(precision))
            : goText(value);
      return width === '' ? text : (_flags as string).includes('-') ? text.padEnd(Number(width)) : text.padStart(Number(width));
    },
  );
}

const functions: Readonly<Record<string, (values: readonly Json[]) => Json>> = {
  and: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (values) => values.find(isTrue) ?? values.at(-1),
  not: ([value]) => !isTrue(value),
  eq: ([first, ...rest]) => rest.some((value) => value === first),
  ne: ([a, b]) => a !== b,
  lt: ([a, b]) => a < b,
  le: ([a, b]) => a <= b,
  gt: ([a, b]) => a > b,
  ge: ([a, b]) => a >= b,
  len: ([value]) => (typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length),
  index: ([value, ...keys]) => keys.reduce((at, key) => at?.[key], value),
  slice: ([value, from, to]) => value.slice(from, to),
  print: (values) => values.map(goText).join(''),
  println: (values) => `${values.map(goText).join(' ')}\n`,
  printf: ([template, ...values]) => format(template, values),
  html: ([value]) => goText(value).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`),
  urlquery: ([value]) => encodeURIComponent(goText(value)),
  exists: ([value, ...keys]) => keys.reduce((at, key) => at?.[key], value) !== undefined,
  base64decode: ([value]) => {
    const bytes = fromBase64(value ?? '');
    if (bytes === undefined) throw new CommandError('error executing template: base64 decode: illegal base64 data');
    return textOf(bytes);
  },
};
