/** RESP, the protocol that Redis speaks on its port. */

import type { ByteString } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';

export type Reply = string | number | null | readonly string[] | { readonly status: string } | { readonly error: string };

export function unsupported(words: readonly string[]): Reply {
  return {
    error: `ERR unknown command '${words[0] ?? ''}', with args beginning with: ${words
      .slice(1)
      .map((word) => `'${word}' `)
      .join('')}`,
  };
}

export function encodeReply(reply: Reply): ByteString {
  if (reply === null) return '$-1\r\n' as ByteString;
  if (typeof reply === 'number') return `:${reply}\r\n` as ByteString;
  if (typeof reply === 'string') {
    const bytes = utf8(reply);
    return `$${bytes.length}\r\n${bytes}\r\n` as ByteString;
  }
  if ('status' in reply) return utf8(`+${reply.status}\r\n`);
  if ('error' in reply) return utf8(`-${reply.error}\r\n`);
  return `*${reply.length}\r\n${reply.map(encodeReply).join('')}` as ByteString;
}

export function encodeCommand(words: readonly string[]): ByteString {
  return encodeReply(words);
}

/** Takes one command (an array of bulk strings, or an inline line) off the front; undefined while it is not complete. */
export function decodeCommand(buffer: string): { readonly words: readonly string[]; readonly rest: string } | undefined {
  const end = buffer.indexOf('\n');
  if (end < 0) return undefined;
  const line = buffer.slice(0, end).replace(/\r$/, '');
  if (!line.startsWith('*'))
    return {
      words: textOf(line as ByteString)
        .split(/\s+/)
        .filter((word) => word !== ''),
      rest: buffer.slice(end + 1),
    };
  const words: string[] = [];
  let at = end + 1;
  for (let i = 0; i < Number(line.slice(1)); i++) {
    const lineEnd = buffer.indexOf('\n', at);
    if (lineEnd < 0) return undefined;
    const length = Number(buffer.slice(at + 1, lineEnd));
    if (buffer.length < lineEnd + 1 + length + 2) return undefined;
    words.push(textOf(buffer.slice(lineEnd + 1, lineEnd + 1 + length) as ByteString));
    at = lineEnd + 1 + length + 2;
  }
  return { words, rest: buffer.slice(at) };
}

/** Takes one reply off the front as redis-cli prints it; undefined while it is not complete. `raw` leaves the decoration out. */
export function decodeReply(buffer: string, raw: boolean): { readonly text: string; readonly rest: string } | undefined {
  const end = buffer.indexOf('\r\n');
  if (end < 0) return undefined;
  const [type, line] = [buffer[0], textOf(buffer.slice(1, end) as ByteString)];
  const rest = buffer.slice(end + 2);
  if (type === '+') return { text: line, rest };
  if (type === '-') return { text: raw ? line : `(error) ${line}`, rest };
  if (type === ':') return { text: raw ? line : `(integer) ${line}`, rest };
  const length = Number(line);
  if (type === '$') {
    if (length < 0) return { text: raw ? '' : '(nil)', rest };
    if (rest.length < length + 2) return undefined;
    const text = textOf(rest.slice(0, length) as ByteString);
    return { text: raw ? text : `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`, rest: rest.slice(length + 2) };
  }
  if (length === 0) return { text: raw ? '' : '(empty array)', rest };
  const items: string[] = [];
  let left = rest;
  for (let i = 1; i <= length; i++) {
    const item = decodeReply(left, raw);
    if (!item) return undefined;
    items.push(raw ? item.text : `${String(i).padStart(String(length).length)}) ${item.text}`);
    left = item.rest;
  }
  return { text: items.join('\n'), rest: left };
}
