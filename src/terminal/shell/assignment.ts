import type { ArrayValue, Assignment, Command, Word } from 'unbash';
import { parse } from 'unbash';
import { evaluateText } from './arithmetic.ts';
import { arithmeticScope, expandAssigned, expandText } from './expansion.ts';
import { expandWords } from './words.ts';
import type { Shell } from './interpreter.ts';
import { ExpansionError } from './scope.ts';

/**
 * Carries out `name=value`, `name+=value`, `name[i]=value` or `name=(…)`. As an argument of `export`, `local` and
 * `declare` a scalar is only expanded, for the builtin to assign, and comes back as text; an array is handed over in
 * `pendingArrays` under the name that the text repeats.
 */
export function assign(shell: Shell, assignment: Assignment, { asArgument = false } = {}): string {
  const { name, value, append, index } = assignment;
  if (value.type === 'ArrayValue') {
    if (asArgument) {
      pendingArrays.set(shell, new Map([...(pendingArrays.get(shell) ?? []), [name, assignment]]));
      return name;
    }
    assignArray(shell, name, value, append === true);
    return name;
  }
  const text = expandAssigned(value, shell);
  if (asArgument) return index ? `${name}[${expandText(index, shell)}]=${text}` : `${name}${append ? '+' : ''}=${text}`;
  if (index) assignElement(shell, name, expandText(index, shell), text, append === true);
  else assignScalar(shell, name, text, append === true);
  return name;
}

/** Arrays among the arguments of a declaring builtin, until it asks for them. */
const pendingArrays = new WeakMap<Shell, ReadonlyMap<string, Assignment>>();

export function takePendingArray(shell: Shell, name: string): Assignment | undefined {
  const pending = pendingArrays.get(shell);
  const found = pending?.get(name);
  if (found) pendingArrays.set(shell, new Map([...pending!].filter(([key]) => key !== name)));
  return found;
}

/** What a variable may hold. */
const maxLength = 64 * 1024 * 1024;

export function assignScalar(shell: Shell, name: string, text: string, append: boolean): void {
  if (text.length > maxLength) throw new ExpansionError(`xrealloc: cannot allocate ${text.length} bytes`);
  if (!append) return shell.set(name, text);
  const before = shell.get(name) ?? '';
  const isInteger = shell.state.variables.lookup(name)?.isInteger;
  shell.set(
    name,
    isInteger ? String(evaluateText(before, arithmeticScope(shell)) + evaluateText(text, arithmeticScope(shell))) : before + text,
  );
}

export function assignElement(shell: Shell, name: string, index: string, text: string, append: boolean): void {
  const key = shell.subscript(name, index);
  const before = append ? (shell.elements(name).get(key) ?? '') : '';
  shell.setElement(name, key, before + text);
}

/** What an array may hold. */
const maxElements = 100_000;

export function assignArray(shell: Shell, name: string, value: ArrayValue, append: boolean): void {
  const isAssociative = shell.state.variables.lookup(name)?.isAssociative === true;
  const elements = new Map(append ? shell.elements(name) : []);
  let next = append && elements.size > 0 && !isAssociative ? Number([...elements.keys()].at(-1)) + 1 : 0;
  for (const element of value.elements) {
    const keyed = keyedElement(element);
    if (keyed) {
      const index = expandText(keyed.index, shell);
      const key = isAssociative ? index : shell.subscript(name, index);
      elements.set(key, expandText(keyed.value, shell));
      if (!isAssociative) next = Number(key) + 1;
    } else {
      for (const field of expandWords([element], shell)) elements.set(String(next++), field);
    }
  }
  if (elements.size > maxElements) throw new ExpansionError(`${name}: cannot allocate memory for ${elements.size} elements`);
  shell.state.variables.setElements(name, isAssociative ? elements : new Map([...elements].sort(([a], [b]) => Number(a) - Number(b))));
}

const keyedElements = new WeakMap<Word, { readonly index: Word; readonly value: Word } | null>();

/** `[k]=v` inside of parentheses. unbash leaves it as one word, so it is parsed again as an assignment. */
function keyedElement(word: Word): { readonly index: Word; readonly value: Word } | undefined {
  if (!word.text.startsWith('[')) return undefined;
  let known = keyedElements.get(word);
  if (known === undefined) {
    const command = parse(`_${word.text}`).commands[0]?.command;
    const item = command?.type === 'Command' ? command.prefix[0] : undefined;
    known = item?.type === 'Assignment' && item.index && item.value.type === 'Word' ? { index: item.index, value: item.value } : null;
    keyedElements.set(word, known);
  }
  return known ?? undefined;
}

/** The words of a simple command, expanded. */
export function argvOf(shell: Shell, node: Command): string[] {
  const argv = node.name ? expandWords([node.name], shell) : [];
  for (const argument of node.args) {
    if (argument.type === 'Word') argv.push(...expandWords([argument], shell));
    else argv.push(assign(shell, argument, { asArgument: true }));
  }
  return argv;
}
