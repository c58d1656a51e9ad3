/** Values as Go's `%#v` prints them, for messages about keys that are no scalars. */
import { quote } from '../go-quote.ts';

export function goQuoteValue(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goQuoteValue).join(', ')}}`;
  const fields = Object.entries(value).map(([key, item]) => `${quote(key)}:${goQuoteValue(item)}`);
  return `map[interface {}]interface {}{${fields.join(', ')}}`;
}
