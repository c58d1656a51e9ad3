/** For tests of descriptors: objects with the metadata that the API server would have set, and errors as text. */
import { unixMs } from '../kernel/time.ts';
import { fieldErrorText } from '../machinery/field-error.ts';
import type { ApiObject } from '../machinery/objects.ts';
import { apiVersionOf } from './kind.ts';
import type { Kind, StrategyContext } from './kind.ts';

const meta = { name: 'x', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

/** What strategies are told of a request by an administrator. */
export const strategyContext: StrategyContext = { now: meta.creationTimestamp, user: { name: 'admin', groups: [] }, warn: () => undefined };

/** An object of a kind with defaults set; `body` is everything but apiVersion and kind. */
export function finished<T extends ApiObject>(kind: Kind<T>, body: object): T {
  const { metadata, ...rest } = body as { readonly metadata?: object };
  const own = kind.isNamespaced ? meta : { ...meta, namespace: undefined };
  return kind.setDefaults({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...own, ...metadata }, ...rest } as unknown as T);
}

/** Errors of a new object, as upstream prints them. */
export function createErrors<T extends ApiObject>(kind: Kind<T>, body: object): readonly string[] {
  return kind.validate(finished(kind, body)).map(fieldErrorText);
}

/** Errors of an update of the main resource from one body to another. */
export function updateErrors<T extends ApiObject>(kind: Kind<T>, from: object, to: object): readonly string[] {
  const previous = finished(kind, from);
  return kind.validateUpdate(kind.prepareForUpdate(finished(kind, to), previous, strategyContext), previous).map(fieldErrorText);
}

/** A row of the table, by column. */
export function row<T extends ApiObject>(kind: Kind<T>, body: object, nowMs = unixMs(2026, 1, 1, 0, 5)): Readonly<Record<string, unknown>> {
  const object = finished(kind, body);
  return Object.fromEntries(kind.columns.map((column) => [column.name, column.cell(object, nowMs)]));
}
