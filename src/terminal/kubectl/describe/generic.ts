/** A kind that kubectl has no words of its own for: every field, with a label made of its name. Upstream: genericDescriber. */
import type { Json } from '../json.ts';
import { goText } from '../printers/custom-columns.ts';
import type { Page } from './page.ts';

const skipped = ['.metadata.name', '.metadata.namespace', '.metadata.labels', '.metadata.annotations', '.metadata.managedFields'];
const acronyms = ['API', 'URL', 'UID', 'OSB', 'GUID'];

export function writeGeneric(page: Page, object: Json): void {
  page.field(0, 'Name', object.metadata.name);
  page.field(0, 'Namespace', object.metadata.namespace ?? '');
  page.labels('Labels', object.metadata.labels);
  page.annotations('Annotations', object.metadata.annotations);
  content(page, 0, object, '');
}

function content(page: Page, level: number, object: Json, path: string): void {
  for (const field of Object.keys(object).sort()) {
    const value = object[field];
    const here = `${path}.${field}`;
    if (value === undefined || skipped.includes(here)) continue;
    if (Array.isArray(value)) {
      page.line(level, `${labelFor(field)}:`);
      for (const child of value) {
        if (typeof child === 'object' && child !== null && !Array.isArray(child)) content(page, level + 1, child, here);
        else page.line(level + 1, goText(child));
      }
    } else if (typeof value === 'object' && value !== null) {
      page.line(level, `${labelFor(field)}:`);
      content(page, level + 1, value, here);
    } else page.field(level, labelFor(field), goText(value));
  }
}

/** `resourceVersion` is `Resource Version`; a name with other characters than letters stays as it is. */
function labelFor(field: string): string {
  if (/[^\p{L}-]/u.test(field)) return field;
  const parts = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-/g) ?? [field];
  return parts
    .map((part) => (acronyms.includes(part.toUpperCase()) ? part.toUpperCase() : part[0]!.toUpperCase() + part.slice(1)))
    .join(' ');
}
