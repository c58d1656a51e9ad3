import type { ParameterExpansionPart, Word, WordPart } from 'unbash';
import { expandParameter, isMissing, parameterList, partText } from './expansion.ts';
import { escapePattern, isPattern } from './pattern.ts';
import { joined, tilde } from './scope.ts';
import type { ParameterValue, Scope } from './scope.ts';

/** Gathers the fields that one word becomes. */
export class FieldBuilder {
  readonly #scope: Scope;
  readonly #done: { text: string; pattern: string }[] = [];
  #text = '';
  #pattern = '';
  #isOpen = false;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  add(word: Word): this {
    if (!word.parts) this.#literal(tilde(word.value, word.text, this.#scope));
    for (const [i, part] of (word.parts ?? []).entries()) {
      if (i === 0 && part.type === 'Literal') this.#literal(tilde(part.value, part.text, this.#scope));
      else this.#part(part);
    }
    return this;
  }

  into(fields: string[]): void {
    this.#close();
    for (const { text, pattern } of this.#done) {
      const names = isPattern(pattern) ? this.#scope.glob(pattern) : [];
      if (names.length > 0) fields.push(...names);
      else if (!isPattern(pattern) || !this.#scope.isNullglob) fields.push(text);
    }
  }

  #part(part: WordPart): void {
    switch (part.type) {
      case 'Glob':
      case 'ExtendedGlob':
        return this.#raw(partText(part, this.#scope));
      case 'DoubleQuoted':
      case 'LocaleString':
        return this.#quoted(part.parts);
      case 'ParameterExpansion':
        return this.#parameter(part);
      case 'SimpleExpansion':
        return this.#list(parameterList(part.text.slice(1), undefined, this.#scope));
      case 'CommandExpansion':
      case 'ArithmeticExpansion':
        return this.#split(partText(part, this.#scope));
      default:
        return this.#literal(partText(part, this.#scope));
    }
  }

  #parameter(part: ParameterExpansionPart): void {
    const { operation } = part;
    if (
      operation?.type === 'Default' &&
      /[-+]$/.test(operation.operator) &&
      isMissing(part, this.#scope) !== operation.operator.endsWith('+')
    ) {
      return this.#operand(operation.operand);
    }
    this.#list(expandParameter(part, this.#scope));
  }

  /** An unquoted list: each value is split on its own. */
  #list({ values, kind }: ParameterValue): void {
    for (const [i, value] of values.entries()) {
      if (i > 0 && kind !== 'scalar') this.#close();
      this.#split(value);
    }
  }

  /** The word of `${x:-word}`: split like an expansion, except what is quoted inside. */
  #operand(word: Word): void {
    if (!word.parts) this.#split(word.value);
    for (const part of word.parts ?? []) {
      if (part.type === 'Literal') this.#split(part.value);
      else this.#part(part);
    }
  }

  #quoted(parts: readonly WordPart[]): void {
    if (parts.length === 0) this.#literal('');
    for (const part of parts) {
      const value = this.#listOf(part);
      if (value?.kind !== 'at') {
        this.#literal(value ? joined(value, this.#scope) : partText(part, this.#scope));
        continue;
      }
      // An empty list alone in its quotes is no field at all.
      if (value.values.length === 0 && parts.length === 1) return;
      value.values.forEach((text, i) => {
        if (i > 0) this.#close();
        this.#literal(text);
      });
    }
  }

  #listOf(part: WordPart): ParameterValue | undefined {
    if (part.type === 'SimpleExpansion') return parameterList(part.text.slice(1), undefined, this.#scope);
    return part.type === 'ParameterExpansion' ? expandParameter(part, this.#scope) : undefined;
  }

  #literal(text: string): void {
    this.#text += text;
    this.#pattern += escapePattern(text);
    this.#isOpen = true;
  }

  #raw(text: string): void {
    this.#text += text;
    this.#pattern += text;
    this.#isOpen = true;
  }

  #split(text: string): void {
    const ifs = this.#scope.get('IFS') ?? ' \t\n';
    let piece = '';
    for (const char of text) {
      if (!ifs.includes(char)) {
        piece += char;
        continue;
      }
      if (piece !== '') this.#raw(piece);
      else if (!/\s/.test(char)) this.#raw('');
      piece = '';
      this.#close();
    }
    if (piece !== '') this.#raw(piece);
  }

  #close(): void {
    if (this.#isOpen) this.#done.push({ text: this.#text, pattern: this.#pattern });
    this.#text = this.#pattern = '';
    this.#isOpen = false;
  }
}
