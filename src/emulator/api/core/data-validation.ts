/** Validation that ConfigMaps and Secrets share: keys, size, and `immutable`. */
import { fieldPath, forbidden, invalid, tooLong } from '../../machinery/field-error.ts';
import type { FieldError } from '../../machinery/field-error.ts';
import { equal } from '../../machinery/equality.ts';
import { configMapKey } from '../../machinery/names.ts';
import { complain } from '../metadata/rules.ts';

type Data = Readonly<Record<string, string>>;

/** Bytes that one object may hold. */
const maxBytes = 1024 * 1024;

/** Keys of one map. */
export function validateKeys(data: Data | undefined, name: string, errors: FieldError[], other?: Data): void {
  for (const key in data) {
    const at = fieldPath(name).key(key);
    complain(key, configMapKey(key), at, errors);
    if (other?.[key] !== undefined) errors.push(invalid(at, key, 'duplicate of key present in binaryData'));
  }
}

/** UTF-8 bytes of text, and bytes behind base64. */
export function dataBytes(data: Data | undefined, isBase64: boolean): number {
  let bytes = 0;
  for (const key in data) {
    const value = data[key]!;
    if (isBase64) bytes += Math.floor((value.replace(/=+$/, '').length * 3) / 4);
    else
      for (let i = 0; i < value.length; i++)
        bytes += value.charCodeAt(i) < 0x80 ? 1 : value.charCodeAt(i) < 0x800 ? 2 : value.charCodeAt(i) >>> 11 === 0x1b ? 2 : 3;
  }
  return bytes;
}

/** The whole object's size; `path` is where upstream reports it. */
export function validateSize(bytes: number, path: string, errors: FieldError[]): void {
  if (bytes > maxBytes) errors.push(tooLong(path, maxBytes));
}

interface Holder {
  readonly immutable?: boolean | undefined;
  readonly data?: Data | undefined;
  readonly binaryData?: Data | undefined;
}

/** What `immutable: true` forbids, itself included. */
export function validateImmutableData(next: Holder, previous: Holder, errors: FieldError[]): void {
  if (!previous.immutable) return;
  const message = 'field is immutable when `immutable` is set';
  if (!next.immutable) errors.push(forbidden(fieldPath('immutable'), message));
  if (!equal(next.data ?? {}, previous.data ?? {})) errors.push(forbidden(fieldPath('data'), message));
  if (!equal(next.binaryData ?? {}, previous.binaryData ?? {})) errors.push(forbidden(fieldPath('binaryData'), message));
}
