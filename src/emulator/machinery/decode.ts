/**
 * Decoding of what a client sent against the schema of its kind, as the API server does it.
 *
 * - A value of the wrong type is an error at once; fields that are unknown or stand twice are errors, warnings or nothing, as the
 *   request's `fieldValidation` says.
 * - What is clean is returned itself, without a copy. What is not is copied along the path that changes: nulls go, quantities and
 *   times become canonical.
 * - Absent: defaults and validation, which are the kind's affair.
 *
 * Upstream: `apiserver/pkg/endpoints/handlers/{create,rest}.go`, `sigs.k8s.io/json`.
 */
import { DecodeError, decodeObject } from './decode/walk.ts';
import { modelSchema } from './schema.ts';
import { badRequest } from './status-error.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export interface Decoded<T> {
  readonly object: T;
  /** `unknown field "spec.foo"`, in the order of the document. */
  readonly strictErrors: readonly string[];
}

/** Decodes a value as a model. Throws a DecodeError when a type does not fit. */
export function decode<T>(value: unknown, model: string): Decoded<T> {
  const strictErrors: string[] = [];
  const object = decodeObject(value, modelSchema(model), strictErrors);
  return { object: object as T, strictErrors };
}

export interface DecodeOptions {
  readonly fieldValidation: FieldValidation;
  /** What the reader of the body found already: keys that stand twice. */
  readonly bodyErrors?: readonly string[] | undefined;
  /** The kind that the client wrote, where it differs from the expected one's. */
  readonly sentKind?: string | undefined;
  /** Takes the place of the model's decoding. */
  readonly decode?: ((value: object) => Decoded<object>) | undefined;
}

/** Decodes a request's body as the API server does. Throws a StatusError (400) with the server's words. */
export function decodeRequest<T>(
  value: unknown,
  kind: { readonly version: string; readonly kind: string; readonly model: string },
  { fieldValidation, bodyErrors = [], sentKind = kind.kind, decode: own }: DecodeOptions,
): { readonly object: T; readonly warnings: readonly string[] } {
  const refuse = (message: string): never => {
    throw badRequest(`${sentKind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${message}`);
  };
  let decoded: Decoded<T>;
  try {
    decoded = own ? (own(value as object) as Decoded<T>) : decode<T>(value, kind.model);
  } catch (error) {
    if (error instanceof DecodeError) return refuse(error.message);
    throw error;
  }
  const errors = bodyErrors.length === 0 ? decoded.strictErrors : [...bodyErrors, ...decoded.strictErrors];
  if (errors.length === 0 || fieldValidation === 'Ignore') return { object: decoded.object, warnings: [] };
  if (fieldValidation === 'Strict') return refuse(strictDecodingError(errors));
  return { object: decoded.object, warnings: errors };
}

/** The text of strict errors together. Upstream: `runtime.NewStrictDecodingError`. */
export const strictDecodingError = (errors: readonly string[]): string => `strict decoding error: ${errors.join(', ')}`;
