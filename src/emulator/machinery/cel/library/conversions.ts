/** From one type to another, and the size of things: cel-go/common/stdlib. */
import { textOf, utf8 } from '../../../kernel/bytes.ts';
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../time.ts';
import { Bytes, Duration, Timestamp, TypeValue, typeNameOf } from '../values.ts';
import { int64, uint64 } from './operators.ts';

/** A double as Go's strconv prints it for CEL. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}

function whole(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelError('integer overflow');
  return int64(BigInt(Math.trunc(value)));
}

function readInt(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new CelError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return int64(BigInt(text));
}

function readDouble(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  return value;
}

export const conversions = define({
  'size(string): int': ([text], meter) => {
    meter.text(text.length);
    return BigInt([...text].length);
  },
  'size(bytes): int': ([bytes]) => BigInt(bytes.data.length),
  'size(list<T>): int': ([list]) => BigInt(list.length),
  'size(map<K, V>): int': ([map]) => BigInt(map.size),
  'string.size(): int': ([text], meter) => {
    meter.text(text.length);
    return BigInt([...text].length);
  },
  'bytes.size(): int': ([bytes]) => BigInt(bytes.data.length),
  'list<T>.size(): int': ([list]) => BigInt(list.length),
  'map<K, V>.size(): int': ([map]) => BigInt(map.size),
  'int(int): int': ([value]) => value,
  'int(uint): int': ([value]) => int64(value.value),
  'int(double): int': ([value]) => whole(value),
  'int(string): int': ([text]) => readInt(text),
  'int(timestamp): int': ([time]) => time.ns / 1_000_000_000n,
  'int(duration): int': ([duration]) => duration.ns,
  'uint(uint): uint': ([value]) => value,
  'uint(int): uint': ([value]) => uint64(value),
  'uint(double): uint': ([value]) => uint64(BigInt(Math.trunc(value))),
  'uint(string): uint': ([text]) => uint64(readInt(text)),
  'double(double): double': ([value]) => value,
  'double(int): double': ([value]) => Number(value),
  'double(uint): double': ([value]) => Number(value.value),
  'double(string): double': ([text]) => readDouble(text),
  'string(string): string': ([text]) => text,
  'string(int): string': ([value]) => String(value),
  'string(uint): string': ([value]) => String(value.value),
  'string(double): string': ([value]) => doubleText(value),
  'string(bool): string': ([value]) => String(value),
  'string(bytes): string': ([bytes]) => textOf(bytes.data),
  'string(timestamp): string': ([time]) => formatTimestamp(time.ns),
  'string(duration): string': ([duration]) => formatDuration(duration.ns),
  'bytes(bytes): bytes': ([bytes]) => bytes,
  'bytes(string): bytes': ([text]) => new Bytes(utf8(text)),
  'bool(bool): bool': ([value]) => value,
  'bool(string): bool': ([text]) => {
    if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
    if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
    throw new CelError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
  },
  'timestamp(timestamp): timestamp': ([time]) => time,
  'timestamp(int): timestamp': ([seconds]) => new Timestamp(seconds * 1_000_000_000n),
  'timestamp(string): timestamp': ([text]) => {
    const ns = parseTimestamp(text);
    if (ns === undefined) throw new CelError(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse`);
    return new Timestamp(ns);
  },
  'duration(duration): duration': ([duration]) => duration,
  'duration(int): duration': ([ns]) => new Duration(ns),
  'duration(string): duration': ([text]) => {
    const ns = parseDuration(text);
    if (ns === undefined) throw new CelError(`time: invalid duration ${JSON.stringify(text)}`);
    return new Duration(ns);
  },
  'dyn(T): dyn': ([value]) => value,
  'type(T): type': ([value]) => new TypeValue(typeNameOf(value)),
});
