/** Query parameters of lists and watches. Upstream: apimachinery pkg/apis/meta/internalversion/validation, metav1's conversion. */
import type { ListOptions } from '../../../client/client.ts';
import type { FieldError } from '../../../machinery/field-error.ts';
import { badRequest, invalid } from '../../../machinery/status-error.ts';
import { isTrue } from './request-info.ts';
import type { Query } from './request-info.ts';

export interface SentListOptions extends ListOptions {
  readonly timeoutSeconds: number;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** Throws 400 for what is no number, and 422 for what does not go together. */
export function listOptions(query: Query, isWatch: boolean): SentListOptions {
  const first = (name: string): string | undefined => query.get(name)?.[0] || undefined;
  const options = {
    labelSelector: first('labelSelector'),
    fieldSelector: first('fieldSelector'),
    limit: integer(first('limit')),
    continue: first('continue'),
    resourceVersion: first('resourceVersion'),
    resourceVersionMatch: first('resourceVersionMatch'),
    timeoutSeconds: integer(first('timeoutSeconds')) ?? 0,
    allowWatchBookmarks: isTrue(query, 'allowWatchBookmarks'),
    sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query, 'sendInitialEvents') : undefined,
  };
  const errors = isWatch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return options;
}

/** Throws 400 for what is no number. */
export function integer(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

const forbidden = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  badValue: undefined,
  detail,
});

const notSupported = (badValue: string, supported: string): FieldError => ({
  type: 'FieldValueNotSupported',
  field: 'resourceVersionMatch',
  badValue,
  detail: `supported values: ${supported}`,
});

const withContinue = forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');

function listErrors({ resourceVersionMatch: match, sendInitialEvents, ...options }: SentListOptions): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (match !== undefined) {
    if (!options.resourceVersion)
      errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (options.continue) errors.push(withContinue);
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(notSupported(match, '"", "Exact", "NotOlderThan"'));
    if (match === 'Exact' && options.resourceVersion === '0')
      errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (sendInitialEvents !== undefined) errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}

function watchErrors({ resourceVersionMatch: match, sendInitialEvents, ...options }: SentListOptions): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    errors.push(forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (match !== undefined) {
    if (sendInitialEvents === undefined)
      errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    if (match !== 'NotOlderThan') errors.push(notSupported(match, '"NotOlderThan"'));
    if (options.continue) errors.push(withContinue);
  }
  return errors;
}
