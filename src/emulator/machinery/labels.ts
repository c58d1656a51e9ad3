/**
 * Label selectors: as text (`app=web,tier in (a,b),!canary`) and as LabelSelector objects; both become a list of requirements
 * and a compiled test. Selectors are values: parsed ones are shared by text, those of LabelSelector objects by identity.
 *
 * Upstream: `apimachinery/pkg/labels/selector.go`, `apimachinery/pkg/apis/meta/v1/helpers.go`.
 */
import { type FieldError, fieldErrorText, invalid } from './field-error.ts';
import { quote } from './go-quote.ts';
import { compareBytes } from './json.ts';
import { labelValue, qualifiedName } from './names.ts';
import type { Labels } from './objects.ts';

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export interface LabelSelectorObject {
  readonly matchLabels?: Labels | undefined;
  readonly matchExpressions?:
    | readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | undefined }[]
    | undefined;
}

export interface LabelSelector {
  /** Sorted by key. */
  readonly requirements: readonly LabelRequirement[];
  readonly matches: (labels: Labels | undefined) => boolean;
  /** Selects all there is. */
  readonly isEverything: boolean;
  readonly isNothing: boolean;
}

/** A selector that cannot be read; the message is upstream's. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

/** Selects all: what an empty selector means. */
export const everything: LabelSelector = { requirements: [], matches: () => true, isEverything: true, isNothing: false };
/** Selects none: what an absent LabelSelector means. */
export const nothing: LabelSelector = { requirements: [], matches: () => false, isEverything: false, isNothing: true };

type Test = (labels: Labels) => boolean;

// Not by `in` or plain access: a label may be called `constructor`.
const has = (labels: Labels, key: string): boolean => Object.hasOwn(labels, key) && labels[key] !== undefined;

function compileOne({ key, operator, values }: LabelRequirement): Test {
  const first = values[0]!;
  switch (operator) {
    case 'exists':
      return (labels) => has(labels, key);
    case '!':
      return (labels) => !has(labels, key);
    case 'gt':
    case 'lt': {
      const bound = integer(first);
      return (labels) => {
        const value = integer(labels[key] ?? '');
        if (value === undefined || bound === undefined) return false;
        return operator === 'gt' ? value > bound : value < bound;
      };
    }
    case '!=':
    case 'notin':
      if (values.length === 1) return (labels) => labels[key] !== first;
      return (labels) => !has(labels, key) || !values.includes(labels[key]!);
    default:
      if (values.length === 1) return (labels) => labels[key] === first;
      return (labels) => has(labels, key) && values.includes(labels[key]!);
  }
}

const integer = (text: string): bigint | undefined => (/^[-+]?\d{1,19}$/.test(text) ? BigInt(text.replace(/^\+/, '')) : undefined);

const noLabels: Labels = {};

/** The selector of requirements that all must hold. */
export function selectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
  if (requirements.length === 0) return everything;
  const sorted = [...requirements].sort((a, b) => compareBytes(a.key, b.key));
  const tests = sorted.map(compileOne);
  const [first, second] = tests as [Test, Test | undefined];
  const matches =
    tests.length === 1
      ? (labels: Labels | undefined) => first(labels ?? noLabels)
      : tests.length === 2
        ? (labels: Labels | undefined) => first(labels ?? noLabels) && second!(labels ?? noLabels)
        : (labels: Labels | undefined) => tests.every((test) => test(labels ?? noLabels));
  return { requirements: sorted, matches, isEverything: false, isNothing: false };
}

/** The selector of equal labels: `spec.selector` of a Service. An empty set selects all. */
export function selectorFromSet(labels: Labels | undefined): LabelSelector {
  if (!labels) return everything;
  return selectorOf(Object.entries(labels).map(([key, value]) => ({ key, operator: '=', values: [value] })));
}

const objectOperators: Readonly<Record<string, LabelOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };
const byObject = new WeakMap<object, LabelSelector>();

/** The selector of a LabelSelector object: absent selects none, empty selects all. Throws a SelectorError. */
export function selectorFromObject(object: LabelSelectorObject | undefined): LabelSelector {
  if (!object) return nothing;
  let selector = byObject.get(object);
  if (!selector) {
    selector = selectorOf([...setRequirements(object.matchLabels), ...expressionRequirements(object)]);
    byObject.set(object, selector);
  }
  return selector;
}

function setRequirements(labels: Labels | undefined): LabelRequirement[] {
  return Object.entries(labels ?? noLabels).map(([key, value]) => requirement(key, '=', [value]));
}

function expressionRequirements(object: LabelSelectorObject): LabelRequirement[] {
  return (object.matchExpressions ?? []).map((expression) => {
    const operator = objectOperators[expression.operator];
    if (!operator) throw new SelectorError(`${quote(expression.operator)} is not a valid label selector operator`);
    return requirement(expression.key, operator, expression.values ?? []);
  });
}

/** Upstream: `NewRequirement`. */
function requirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors: FieldError[] = [];
  const keyComplaints = qualifiedName(key);
  if (keyComplaints.length > 0) errors.push(invalid('key', key, keyComplaints.join('; ')));
  if (operator === 'in' || operator === 'notin') {
    if (values.length === 0) errors.push(invalid('values', values, "for 'in', 'notin' operators, values set can't be empty"));
  } else if (operator === 'exists' || operator === '!') {
    if (values.length !== 0) errors.push(invalid('values', values, 'values set must be empty for exists and does not exist'));
  } else if (values.length !== 1) {
    const isExact = operator !== 'gt' && operator !== 'lt';
    const detail = isExact
      ? 'exact-match compatibility requires one single value'
      : "for 'Gt', 'Lt' operators, exactly one value is required";
    errors.push(invalid('values', values, detail));
  } else if ((operator === 'gt' || operator === 'lt') && integer(values[0]!) === undefined) {
    errors.push(invalid('values[0]', values[0], "for 'Gt', 'Lt' operators, the value must be an integer"));
  }
  values.forEach((value, i) => {
    const complaints = labelValue(value);
    if (complaints.length > 0) errors.push(invalid(`values[${i}][${key}]`, value, complaints.join('; ')));
  });
  if (errors.length > 0) throw new SelectorError(aggregate(errors));
  return { key, operator, values };
}

function aggregate(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(fieldErrorText))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}

type Token = { readonly type: 'symbol' | 'word' | 'end'; readonly text: string };

function scan(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[ \t\r\n]+|(==|!=|[=!(),<>])|([^=!(),<> \t\r\n]+)/g)) {
    if (match[1]) tokens.push({ type: 'symbol', text: match[1] });
    else if (match[2]) tokens.push({ type: 'word', text: match[2] });
  }
  tokens.push({ type: 'end', text: '' });
  return tokens;
}

const binaryOperators: Readonly<Record<string, LabelOperator>> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
};

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = scan(text);
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.type === 'end') return requirements;
      if (token.type !== 'word' && token.text !== '!')
        throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.#requirement());
      const next = this.#take();
      if (next.type === 'end') return requirements;
      if (next.text !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or 'end of string'`);
      const after = this.#peek();
      if (after.type !== 'word' && after.text !== '!') throw new SelectorError(`found '${after.text}', expected: identifier after ','`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(): Token {
    return this.#tokens[Math.min(this.#at++, this.#tokens.length - 1)]!;
  }

  #requirement(): LabelRequirement {
    try {
      return this.#parts();
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }

  #parts(): LabelRequirement {
    let token = this.#take();
    const isNegated = token.text === '!';
    if (isNegated) token = this.#take();
    if (token.type !== 'word') throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const complaints = qualifiedName(key);
    if (complaints.length > 0) throw new SelectorError(fieldErrorText(invalid('<nil>', key, complaints.join('; '))));
    const next = this.#peek();
    if (isNegated) return requirement(key, '!', []);
    if (next.type === 'end' || next.text === ',') return requirement(key, 'exists', []);
    const { text } = this.#take();
    const operator = binaryOperators[text];
    if (!operator) throw new SelectorError(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? this.#list() : [this.#exactValue()];
    return requirement(key, operator, values);
  }

  #exactValue(): string {
    const token = this.#peek();
    if (token.type === 'end' || token.text === ',') return '';
    this.#take();
    if (token.type !== 'word') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return token.text;
  }

  #list(): string[] {
    const open = this.#take();
    if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.text === ')') {
      this.#take();
      return [''];
    }
    if (first.type !== 'word' && first.text !== ',') throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = new Set<string>();
    for (;;) {
      const token = this.#take();
      if (token.type === 'word') {
        values.add(token.text);
        const next = this.#peek();
        if (next.text === ')') break;
        if (next.text !== ',') throw new SelectorError(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.text === ',') {
        if (values.size === 0) values.add('');
        const next = this.#peek();
        if (next.text === ')') {
          values.add('');
          break;
        }
        if (next.text === ',') {
          this.#take();
          values.add('');
        }
      } else throw new SelectorError(`found '${token.text}', expected: ',', or identifier`);
    }
    this.#take();
    return [...values].sort(compareBytes);
  }
}

const cacheSize = 1024;
const byText = new Map<string, LabelSelector>();

/** Reads a selector as kubectl's `-l` and the query parameter `labelSelector` have it. Throws a SelectorError. */
export function parseSelector(text: string): LabelSelector {
  let selector = byText.get(text);
  if (!selector) {
    selector = selectorOf(new Parser(text).parse());
    if (byText.size >= cacheSize) byText.clear();
    byText.set(text, selector);
  }
  return selector;
}

/** The text of a selector; `parseSelector` reads it back. */
export function selectorText(selector: LabelSelector): string {
  return selector.requirements.map(requirementText).join(',');
}

function requirementText({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort(compareBytes).join(',')})`;
    case 'gt':
      return `${key}>${values[0]}`;
    case 'lt':
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** The text of a LabelSelector object as kubectl prints it: `<none>` when empty. Upstream: `metav1.FormatLabelSelector`. */
export function formatLabelSelector(object: LabelSelectorObject | undefined): string {
  const text = selectorText(selectorFromObject(object));
  return text === '' ? '<none>' : text;
}

/** As Go prints a pointer to a LabelSelector with %v. */
export function goSelectorText(object: LabelSelectorObject | undefined): string {
  if (!object) return 'nil';
  const { matchLabels = {}, matchExpressions = [] } = object;
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join('')}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}
