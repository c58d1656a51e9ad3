/**
 * Field errors: what validation returns (it never throws), with upstream's types and words.
 * Upstream: `apimachinery/pkg/util/validation/field/errors.go` and `path.go`.
 */
import { quote } from './go-quote.ts';
import { goJson } from './json.ts';

/** Where a value lies in an object. A path is a link to its parent and makes its text only when an error needs it. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #name: string | number;
  readonly #isKey: boolean;

  constructor(name: string | number, parent?: FieldPath, isKey = false) {
    this.#parent = parent;
    this.#name = name;
    this.#isKey = isKey;
  }

  /** `spec` then `containers`: `spec.containers`. */
  child(name: string, ...more: readonly string[]): FieldPath {
    let path = new FieldPath(name, this);
    for (const next of more) path = new FieldPath(next, path);
    return path;
  }

  /** `containers` then 0: `containers[0]`. */
  index(index: number): FieldPath {
    return new FieldPath(index, this);
  }

  /** `labels` then `app`: `labels[app]`. */
  key(key: string): FieldPath {
    return new FieldPath(key, this, true);
  }

  toString(): string {
    const isIndexed = this.#isKey || typeof this.#name === 'number';
    const own = isIndexed ? `[${this.#name}]` : String(this.#name);
    if (!this.#parent) return own;
    const before = this.#parent.toString();
    return isIndexed || before === '' ? before + own : `${before}.${own}`;
  }
}

/** A path that begins at a top-level field: `fieldPath('spec', 'template')`. */
export function fieldPath(name: string, ...more: readonly string[]): FieldPath {
  const root = new FieldPath(name);
  const [next, ...rest] = more;
  return next === undefined ? root : root.child(next, ...rest);
}

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError';

export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** Undefined when the value is not shown. */
  readonly badValue: unknown;
  readonly detail: string;
}

const words: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
};

/** A path, or its text where one is at hand ('' for the object itself). */
type At = FieldPath | string;

const make = (type: FieldErrorType, at: At, badValue: unknown, detail: string): FieldError => ({
  type,
  field: String(at),
  badValue,
  detail,
});

export const required = (at: At, detail = ''): FieldError => make('FieldValueRequired', at, undefined, detail);
export const forbidden = (at: At, detail: string): FieldError => make('FieldValueForbidden', at, undefined, detail);
/** The bad value is shown: as JSON, so that null stands for a nil pointer. */
export const invalid = (at: At, value: unknown, detail: string): FieldError => make('FieldValueInvalid', at, value ?? null, detail);
export const duplicate = (at: At, value: unknown): FieldError => make('FieldValueDuplicate', at, value ?? null, '');
export const notFound = (at: At, value: unknown): FieldError => make('FieldValueNotFound', at, value ?? null, '');

/** `supported` stands in the message in the order given: upstream sorts most of its lists, the caller too. */
export function notSupported(at: At, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`;
  return make('FieldValueNotSupported', at, value ?? null, detail);
}

export function tooLong(at: At, maxLength: number): FieldError {
  const detail = maxLength < 0 ? 'value is too long' : `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`;
  return make('FieldValueTooLong', at, undefined, detail);
}

export function tooMany(at: At, actual: number, max: number): FieldError {
  const detail = max < 0 ? 'has too many items' : `must have at most ${max} ${max === 1 ? 'item' : 'items'}`;
  return make('FieldValueTooMany', at, actual < 0 ? undefined : actual, detail);
}

/** The message without the field: `Invalid value: "x": must be …`. */
export function fieldErrorBody(error: FieldError): string {
  let text = words[error.type];
  if (error.badValue !== undefined) text += `: ${typeof error.badValue === 'string' ? quote(error.badValue) : goJson(error.badValue)}`;
  return error.detail === '' ? text : `${text}: ${error.detail}`;
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export const fieldErrorText = (error: FieldError): string => `${error.field}: ${fieldErrorBody(error)}`;

/** The text of several errors as an Aggregate prints it: equal ones once, in brackets when there are more than one. */
export function aggregateText(messages: readonly string[]): string {
  const unlike = [...new Set(messages)];
  return unlike.length === 1 ? unlike[0]! : `[${unlike.join(', ')}]`;
}
