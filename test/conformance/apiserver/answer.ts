/** An answer of an API server as it is recorded and compared: one line of text. */
import { createHash } from 'node:crypto';

export interface HttpAnswer {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly body: unknown;
}

/** What stands for an answer that never came: upstream's handler panics on the request. */
export const died = 'no answer: the request makes the server panic';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What differs from one server and one minute to the next. Owners of fields are left out too: upstream tells them before its
 * admission plugins fill anything in, and the emulator afterwards.
 */
const volatile = new Set(['uid', 'creationTimestamp', 'resourceVersion', 'managedFields', 'lastTransitionTime', 'lastPhaseTransitionTime']);

/** What a server draws where a client names none. */
const drawn = new Set(['nodePort', 'healthCheckNodePort', 'clusterIP', 'clusterIPs']);
/** Lists whose order upstream leaves to a map of Go's. */
const unordered = new Set(['resourceRules', 'nonResourceRules']);
const inOrder = (list: unknown): unknown =>
  Array.isArray(list) ? list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;

const uid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What the emulator alone warns of: a field that it takes and does not act on, a controller that it lacks. */
const own = /this emulator|no part of this cluster/;

/** The object of an answer without what differs each time; undefined when it is a failure. */
export function objectIn({ status, body }: HttpAnswer): Fields | undefined {
  if (status >= 400) return undefined;
  return steady(body) as Fields;
}

function steady(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(steady);
  // A Job has its UID in labels too.
  if (typeof value === 'string') return value.replace(/^kube-api-access-.{5}$/, 'kube-api-access-…').replaceAll(uid, '…');
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !volatile.has(key))
      .map(([key, item]) => [key, drawn.has(key) && item !== 'None' ? '…' : unordered.has(key) ? inOrder(steady(item)) : steady(item)]),
  );
}

/** `422 …` with the message; or `201` with what the object has otherwise than `base`, or the whole object where that is undefined. */
export function lineOf(answer: HttpAnswer, base: Fields | undefined): string {
  const warnings = answer.warnings.filter((text) => !own.test(text)).map((text) => ` (${text})`);
  const object = objectIn(answer);
  const what =
    object === undefined
      ? messageOf(answer.body)
      : base === undefined
        ? JSON.stringify(sorted(object))
        : changes(base, object, '').join(' ');
  return shortened(`${answer.status}${what === '' ? '' : ` ${what}`}${warnings.join('')}`);
}

const longest = 800;

/** Of a long line the beginning, and a sum of the rest. */
function shortened(line: string): string {
  if (line.length <= longest) return line;
  const sum = createHash('sha256').update(line).digest('hex').slice(0, 16);
  return `${line.slice(0, longest)}… (${line.length} characters, ${sum})`;
}

function messageOf(body: unknown): string {
  const { message, reason, details } = body as {
    message?: string;
    reason?: string;
    details?: { causes?: readonly { field?: string; reason?: string }[] };
  };
  if (message === undefined) return JSON.stringify(body);
  const causes = details?.causes?.map(({ field, reason: why }) => `${why} ${field}`) ?? [];
  return `${reason}: ${message.replaceAll('\n', ' ').replaceAll(uid, '…')}${causes.length === 0 ? '' : ` [${causes.join(', ')}]`}`;
}

/** Each place where the second object is another: `.spec.replicas=3`, `.spec.paused gone`. */
function changes(before: unknown, after: unknown, at: string): string[] {
  if (JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))) return [];
  if (after === undefined) return [`${at} gone`];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length)
    return after.flatMap((item, i) => changes(before[i], item, `${at}[${i}]`));
  if (!isFields(before) || !isFields(after)) return [`${at}=${JSON.stringify(sorted(after))}`];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => changes(before[key], after[key], `${at}.${key}`));
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((key) => value[key] !== undefined)
      .map((key) => [key, sorted(value[key])]),
  );
}
