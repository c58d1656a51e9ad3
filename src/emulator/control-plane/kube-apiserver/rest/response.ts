/** Answers: plain text, objects with their warnings, streams. */
import type { HttpResponse } from '../../../kernel/index.ts';
import { OpenFile, utf8 } from '../../../kernel/index.ts';
import { toYaml } from '../../../machinery/yaml.ts';

/** An answer that is no API object. */
export function plainText(status: number, text: string, more: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', ...more },
    body: utf8(text),
  };
}

/** JSON that is no API object: written indented, as for people (responsewriters.WriteRawJSON). */
export function rawJson(value: object, more: Readonly<Record<string, string>> = {}): HttpResponse {
  return { status: 200, headers: { 'content-type': 'application/json', ...more }, body: utf8(JSON.stringify(value, null, 2)) };
}

/** An answer that is an API object or a stream. */
export function objectResponse(
  status: number,
  body: object,
  options: { readonly type?: string; readonly warnings?: readonly string[] } = {},
): HttpResponse {
  const { type = 'application/json', warnings = [] } = options;
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': type };
  if (warnings.length > 0) headers.warning = warnings.map((text) => `299 - ${quoteHeader(text)}`).join(', ');
  if (type === 'application/yaml' && !(body instanceof OpenFile)) return { status, headers, body: utf8(toYaml(body)) };
  return { status, headers, body };
}

const quoteHeader = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', ' ')}"`;
