/** `${…}`: the values of a parameter, and what is done to each of them on the way. */
import type { ParameterExpansionPart, ParameterReplaceOperation, ParameterSliceOperation } from 'unbash';
import { evaluateText } from './arithmetic.ts';
import { ExpansionError, arithmeticScope, expandPattern, expandText, joined } from './expansion.ts';
import type { ParameterValue, Scope } from './expansion.ts';
import { patternRegExp, patternSource } from './pattern.ts';
import { backslashed, doubleQuoted, quoted } from './quoting.ts';

const scalar = (value: string): ParameterValue => ({ values: [value], kind: 'scalar' });

/** `name` with an optional subscript, which may be `@` or `*`. An unset scalar is the empty string. */
export function parameterList(name: string, index: string | undefined, scope: Scope): ParameterValue {
  const list = name === '@' || name === '*' ? name : index === '@' || index === '*' ? index : undefined;
  if (list) {
    const values = name === list && index === undefined ? scope.positional : [...scope.elements(name).values()];
    return { values, kind: list === '@' ? 'at' : 'star' };
  }
  const value = index === undefined ? scope.get(name) : scope.elements(name).get(scope.subscript(name, index));
  if (value === undefined && scope.isNounset) throw new ExpansionError(`${index === undefined ? name : `${name}[${index}]`}: unbound variable`);
  return scalar(value ?? '');
}

function indexOf(part: ParameterExpansionPart, scope: Scope): string | undefined {
  return part.index && expandText(part.index, scope);
}

/** Whether `${x:-word}` and its relatives find nothing. */
export function isMissing(part: ParameterExpansionPart, scope: Scope): boolean {
  if (part.operation?.type !== 'Default') return false;
  const index = indexOf(part, scope);
  const { parameter: name } = part;
  const isList = name === '@' || name === '*' || index === '@' || index === '*';
  const lenient = { ...bound(scope), isNounset: false };
  const isUnset = isList ? parameterList(name, index, lenient).values.length === 0 : (index === undefined ? scope.get(name) : scope.elements(name).get(scope.subscript(name, index))) === undefined;
  return isUnset || (part.operation.operator.startsWith(':') && joined(parameterList(name, index, lenient), scope) === '');
}

/** A scope's own methods, which a spread of a class instance would lose. */
function bound(scope: Scope): Scope {
  return {
    get: (name) => scope.get(name),
    set: (name, value) => scope.set(name, value),
    elements: (name) => scope.elements(name),
    setElement: (name, key, value) => scope.setElement(name, key, value),
    subscript: (name, index) => scope.subscript(name, index),
    names: (prefix) => scope.names(prefix),
    positional: scope.positional,
    glob: (pattern) => scope.glob(pattern),
    isNounset: scope.isNounset,
    isNullglob: scope.isNullglob,
    outputs: scope.outputs,
  };
}

export function expandParameter(part: ParameterExpansionPart, scope: Scope): ParameterValue {
  const { parameter: name, operation } = part;
  const index = indexOf(part, scope);
  if (operation?.type === 'Names') return { values: scope.names(name), kind: operation.operator === '@' ? 'at' : 'star' };
  if (part.prefix === '#' && !operation) return scalar(lengthOf(name, index, scope));
  if (part.prefix === '!' && index !== undefined && (index === '@' || index === '*')) return { values: [...scope.elements(name).keys()], kind: index === '@' ? 'at' : 'star' };
  if (operation?.type === 'Default') return expandDefault(part, index, scope);
  let value = parameterList(name, index, scope);
  if (part.prefix === '!') value = indirect(joined(value, scope), scope);
  if (operation?.type === 'Slice') return slice(value, name, operation, scope);
  return { ...value, values: operation ? value.values.map((text) => change(text, part, scope)) : value.values };
}

function indirect(target: string, scope: Scope): ParameterValue {
  const match = /^(\w+|[@*#?$!])(?:\[(.*)\])?$/s.exec(target);
  if (!match) throw new ExpansionError(`${target}: invalid variable name`);
  return parameterList(match[1]!, match[2], scope);
}

function lengthOf(name: string, index: string | undefined, scope: Scope): string {
  const { values, kind } = parameterList(name, index, scope);
  return String(kind === 'scalar' ? [...values[0]!].length : values.length);
}

function expandDefault(part: ParameterExpansionPart, index: string | undefined, scope: Scope): ParameterValue {
  const { operation, parameter: name } = part;
  if (operation?.type !== 'Default') return scalar('');
  const isAbsent = isMissing(part, scope);
  const { operator } = operation;
  if (operator.endsWith('+')) return isAbsent ? scalar('') : scalar(expandText(operation.operand, scope));
  if (!isAbsent) return parameterList(name, index, scope);
  const text = expandText(operation.operand, scope);
  if (operator.endsWith('?')) throw new ExpansionError(`${name}: ${text || (operator === '?' ? 'parameter not set' : 'parameter null or not set')}`);
  if (operator.endsWith('=')) {
    if (index === undefined) scope.set(name, text);
    else scope.setElement(name, scope.subscript(name, index), text);
  }
  return scalar(text);
}

function change(value: string, part: ParameterExpansionPart, scope: Scope): string {
  const { operation } = part;
  switch (operation?.type) {
    case 'Remove': {
      const pattern = expandPattern(operation.operand, scope);
      const isLongest = operation.operator.length === 2;
      return operation.operator.startsWith('#') ? removePrefix(value, pattern, isLongest) : removeSuffix(value, pattern, isLongest);
    }
    case 'Replace':
      return replace(value, operation, scope);
    case 'CaseModification': {
      const turn = (text: string): string => (operation.operator.startsWith('^') ? text.toUpperCase() : text.toLowerCase());
      const matches = patternRegExp(operation.operand && operation.operand.text !== '' ? expandPattern(operation.operand, scope) : '?');
      const chars = [...value].map((char, i) => ((i === 0 || operation.operator.length === 2) && matches.test(char) ? turn(char) : char));
      return chars.join('');
    }
    case 'Transform':
      return transform(value, part.parameter, operation.operand.value, part.text);
    default:
      throw new ExpansionError(`${part.text}: bad substitution`);
  }
}

function transform(value: string, name: string, operator: string, text: string): string {
  switch (operator) {
    case 'Q': return quoted(value);
    case 'U': return value.toUpperCase();
    case 'u': return value.slice(0, 1).toUpperCase() + value.slice(1);
    case 'L': return value.toLowerCase();
    case 'E': return value.replace(/\\([nt\\])/g, (_, char: string) => ({ n: '\n', t: '\t', '\\': '\\' })[char] ?? char);
    case 'A': return `${name}=${doubleQuoted(value) === `"${value}"` ? quoted(value) : backslashed(value)}`;
    default: throw new ExpansionError(`${text}: bad substitution`);
  }
}

function replace(value: string, operation: ParameterReplaceOperation, scope: Scope): string {
  const pattern = expandPattern(operation.pattern, scope);
  if (pattern === '') return value;
  const source = patternSource(pattern);
  const anchored = { '/#': `^(?:${source})`, '/%': `(?:${source})$` }[operation.operator as string] ?? source;
  const replacement = expandText(operation.replacement, scope);
  return value.replace(new RegExp(anchored, operation.operator === '//' ? 'gsu' : 'su'), () => replacement);
}

function slice({ values, kind }: ParameterValue, name: string, operation: ParameterSliceOperation, scope: Scope): ParameterValue {
  const arithmetic = arithmeticScope(scope);
  const offset = evaluateText(expandText(operation.offset, scope), arithmetic);
  const length = operation.length && evaluateText(expandText(operation.length, scope), arithmetic);
  // The positional parameters count from $1, with $0 before them.
  const items = kind === 'scalar' ? [...values[0]!] : name === '@' || name === '*' ? [scope.get('0') ?? '', ...values] : values;
  const start = offset < 0 ? items.length + offset : offset;
  if (start < 0) return kind === 'scalar' ? scalar('') : { values: [], kind };
  if (length !== undefined && length < 0 && kind !== 'scalar') throw new ExpansionError(`${length}: substring expression < 0`);
  const end = length === undefined ? undefined : length < 0 ? items.length + length : start + length;
  const chosen = items.slice(start, end);
  return kind === 'scalar' ? scalar(chosen.join('')) : { values: chosen, kind };
}

function removePrefix(value: string, pattern: string, isLongest: boolean): string {
  const regExp = patternRegExp(pattern);
  for (let n = 0; n <= value.length; n++) {
    const length = isLongest ? value.length - n : n;
    if (regExp.test(value.slice(0, length))) return value.slice(length);
  }
  return value;
}

function removeSuffix(value: string, pattern: string, isLongest: boolean): string {
  const regExp = patternRegExp(pattern);
  for (let n = 0; n <= value.length; n++) {
    const start = isLongest ? n : value.length - n;
    if (regExp.test(value.slice(start))) return value.slice(0, start);
  }
  return value;
}
