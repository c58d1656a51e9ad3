import { base64, fromBase64, textOf, utf8 } from '../../../../emulator/kernel/index.ts';
import { JqError, shortened, toJson, typeOf } from './values.ts';
import type { Json } from './values.ts';

export function textOfValue(value: Json): string {
  return typeof value === 'string' ? value : toJson(value);
}

export function needString(value: Json, name: string): string {
  if (typeof value !== 'string') throw new JqError(`${name} input must be a string`);
  return value;
}

export function needArray(value: Json, message: string): readonly Json[] {
  if (!Array.isArray(value)) throw new JqError(message);
  return value as readonly Json[];
}

/** `@csv`, `@base64` and their like. */
export function format(name: string, value: Json): Json {
  const row = (): readonly Json[] =>
    needArray(value, `${typeOf(value)} (${shortened(value)}) cannot be ${name}-formatted, only an array can be`);
  switch (name) {
    case 'text':
      return textOfValue(value);
    case 'json':
      return toJson(value);
    case 'base64':
      return base64(utf8(textOfValue(value)));
    case 'base64d': {
      const text = textOfValue(value).replace(/=+$/, '');
      const bytes = text.length % 4 === 1 ? undefined : fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='));
      if (bytes === undefined) throw new JqError(`${typeOf(value)} (${shortened(value)}) is not valid base64 data`);
      return textOf(bytes);
    }
    case 'uri':
      return utf8(textOfValue(value)).replace(
        /[^A-Za-z0-9\-_.~]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
      );
    case 'html':
      return textOfValue(value).replace(
        /[&<>'"]/g,
        (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&#39;', '"': '&quot;' })[char]!,
      );
    case 'sh':
      return (Array.isArray(value) ? (value as readonly Json[]) : [value])
        .map((item) => (typeof item === 'string' ? `'${item.replaceAll("'", "'\\''")}'` : toJson(item)))
        .join(' ');
    case 'csv':
      return row()
        .map((item) => (typeof item === 'string' ? `"${item.replaceAll('"', '""')}"` : item === null ? '' : toJson(item)))
        .join(',');
    case 'tsv':
      return row()
        .map((item) =>
          item === null
            ? ''
            : textOfValue(item).replace(/[\\\t\n\r]/g, (char) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[char]!),
        )
        .join('\t');
    default:
      throw new JqError(`${name} is not a valid format`);
  }
}
