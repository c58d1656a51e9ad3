/** Declarations: export, declare, local, readonly, unset. */
import { assignArray, assignElement, assignScalar, takePendingArray } from '../assignment.ts';
import type { Call } from '../../../emulator/kernel/index.ts';
import type { Shell } from '../interpreter.ts';
import { doubleQuoted } from '../quoting.ts';
import { ReadOnlyError } from '../variables.ts';
import type { Attributes, Variable } from '../variables.ts';

const nameAndValue = /^([A-Za-z_]\w*)(?:\[(.*?)\])?(?:(\+?=)([\s\S]*))?$/;

/** Assigns one argument of a declaration. False when it is not well formed. */
function* declareOne(shell: Shell, builtin: string, word: string, attributes: Attributes, isLocal: boolean): Call<boolean> {
  const match = nameAndValue.exec(word);
  if (!match) {
    yield* shell.complain(`${builtin}: \`${word}': not a valid identifier`);
    return false;
  }
  const [, name, index, operator, value] = match as unknown as [string, string, string | undefined, string | undefined, string | undefined];
  const { variables } = shell.state;
  if (isLocal && shell.locals && !shell.locals.has(name)) {
    shell.locals.set(name, variables.lookup(name));
    variables.restore(name, undefined);
  }
  const { isReadOnly, ...others } = attributes;
  variables.declare(name, others);
  const array = takePendingArray(shell, name);
  try {
    if (array?.value.type === 'ArrayValue') assignArray(shell, name, array.value, array.append === true);
    else if (operator !== undefined && index !== undefined) assignElement(shell, name, index, value!, operator === '+=');
    else if (operator !== undefined) assignScalar(shell, name, value!, operator === '+=');
  } catch (error) {
    if (!(error instanceof ReadOnlyError)) throw error;
    yield* shell.complain(`${builtin}: ${error.message}`);
    return false;
  }
  if (isReadOnly) variables.declare(name, { isReadOnly });
  return true;
}

const letters: Readonly<Record<string, keyof Attributes>> = { A: 'isAssociative', x: 'isExported', r: 'isReadOnly', i: 'isInteger' };

function* declareAll(shell: Shell, builtin: string, args: readonly string[], base: Attributes, isLocal: boolean): Call<number> {
  let attributes = base;
  let prints = false;
  let isGlobal = false;
  let isArray = false;
  let functions = false;
  const names: string[] = [];
  for (const arg of args) {
    if (!/^[-+][a-zA-Z]+$/.test(arg)) {
      names.push(arg);
      continue;
    }
    for (const letter of arg.slice(1)) {
      const attribute = letters[letter];
      if (attribute) attributes = { ...attributes, [attribute]: arg.startsWith('-') };
      else if (letter === 'p') prints = true;
      else if (letter === 'g') isGlobal = true;
      else if (letter === 'a') isArray = true;
      else if (letter === 'f' || letter === 'F') functions = true;
      else if (letter === 'n' && builtin === 'export') attributes = { ...attributes, isExported: false };
      else return yield* shell.complain(`${builtin}: ${arg[0]}${letter}: invalid option`, 2);
    }
  }
  if (functions) return yield* printFunctions(shell, names);
  if (prints || names.length === 0) return yield* printVariables(shell, builtin, names, attributes);
  let status = 0;
  for (const name of names) {
    if (!(yield* declareOne(shell, builtin, name, attributes, isLocal && !isGlobal))) status = 1;
    else if (isArray) {
      const bare = nameAndValue.exec(name)![1]!;
      if (!shell.state.variables.lookup(bare)?.elements) shell.state.variables.setElements(bare, shell.state.variables.elements(bare));
    }
  }
  return status;
}

function* printFunctions(shell: Shell, names: readonly string[]): Call<number> {
  for (const name of names.length > 0 ? names : [...shell.state.functions.keys()].sort()) {
    const found = shell.state.functions.get(name);
    if (!found) return 1;
    yield* shell.sys.print(1, `${name} () \n${found.text.slice(found.body.pos, found.body.end)}\n`);
  }
  return 0;
}

function declaration(name: string, variable: Variable): string {
  const { elements, isAssociative, isInteger, isReadOnly, isExported, value } = variable;
  const flags =
    `${elements ? (isAssociative ? 'A' : 'a') : ''}${isInteger ? 'i' : ''}${isReadOnly ? 'r' : ''}${isExported ? 'x' : ''}` || '-';
  if (elements)
    return `declare -${flags} ${name}=(${[...elements].map(([key, item]) => `[${key}]=${doubleQuoted(item)}`).join(' ')}${isAssociative && elements.size > 0 ? ' ' : ''})`;
  return `declare -${flags} ${name}${value === undefined ? '' : `=${doubleQuoted(value)}`}`;
}

function* printVariables(shell: Shell, builtin: string, names: readonly string[], attributes: Attributes): Call<number> {
  const { variables } = shell.state;
  let status = 0;
  for (const name of names.length > 0 ? names : variables.names()) {
    const variable = variables.lookup(name);
    if (!variable) status = yield* shell.complain(`${builtin}: ${name}: not found`);
    else if (names.length > 0 || Object.entries(attributes).every(([key, wanted]) => variable[key as keyof Attributes] === wanted)) {
      yield* shell.sys.print(1, `${declaration(name, variable)}\n`);
    }
  }
  return status;
}

export const exportNames = (shell: Shell, [, ...args]: readonly string[]): Call<number> =>
  declareAll(shell, 'export', args, { isExported: true }, false);
export const readonly = (shell: Shell, [, ...args]: readonly string[]): Call<number> =>
  declareAll(shell, 'readonly', args, { isReadOnly: true }, false);
export const declare = (shell: Shell, [name, ...args]: readonly string[]): Call<number> =>
  declareAll(shell, name!, args, {}, shell.locals !== undefined);

export const local = (shell: Shell, [, ...args]: readonly string[]): Call<number> =>
  shell.locals ? declareAll(shell, 'local', args, {}, true) : shell.complain('local: can only be used in a function');

export function* unset(shell: Shell, [, ...args]: readonly string[]): Call<number> {
  const option = args[0] === '-v' || args[0] === '-f' ? args.shift() : undefined;
  let status = 0;
  for (const word of args) {
    const match = /^([A-Za-z_]\w*)(?:\[(.*)\])?$/.exec(word);
    if (!match) {
      if (!shell.state.functions.delete(word)) status = yield* shell.complain(`unset: \`${word}': not a valid identifier`);
      continue;
    }
    const [, name, index] = match as unknown as [string, string, string | undefined];
    try {
      if (option !== '-f' && shell.state.variables.lookup(name))
        shell.state.variables.unset(name, index === undefined ? undefined : shell.subscript(name, index));
      else if (option !== '-v') shell.state.functions.delete(name);
    } catch (error) {
      if (!(error instanceof ReadOnlyError)) throw error;
      status = yield* shell.complain(`unset: ${name}: cannot unset: readonly variable`);
    }
  }
  return status;
}
