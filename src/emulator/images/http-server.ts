/** What the web servers among the images share: bodies, dates, and the wait for their end. */

import type { ByteString, Call, FileSystem, Headers, HttpRequest, HttpResponse, Sys } from '../kernel/index.ts';
import { civilTime, noBytes, utf8 } from '../kernel/index.ts';

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (n: number): string => String(n).padStart(2, '0');

/** RFC 9110's date: `Tue, 15 Nov 1994 08:12:31 GMT`. */
export function httpDate(unixMs: number): string {
  const t = civilTime(unixMs);
  return `${weekdays[t.weekday]}, ${two(t.day)} ${months[t.month - 1]} ${t.year} ${two(t.hour)}:${two(t.minute)}:${two(t.second)} GMT`;
}

/** The date of web servers' access logs: `15/Nov/1994:08:12:31 +0000`. */
export function logDate(unixMs: number): string {
  const t = civilTime(unixMs);
  return `${two(t.day)}/${months[t.month - 1]}/${t.year}:${two(t.hour)}:${two(t.minute)}:${two(t.second)} +0000`;
}

/** nginx's error log has its own: `1994/11/15 08:12:31`. */
export function slashDate(unixMs: number): string {
  const t = civilTime(unixMs);
  return `${t.year}/${two(t.month)}/${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  txt: 'text/plain',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  xml: 'text/xml',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
};

/** The media type that a file's ending means. */
export function mediaType(path: string, fallback: string): string {
  return types[path.slice(path.lastIndexOf('.') + 1)] ?? fallback;
}

/** Splits a target into a decoded path without `..` and its query. */
export function targetPath(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  const raw = mark < 0 ? target : target.slice(0, mark);
  const parts: string[] = [];
  for (const part of raw.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.')
      parts.push(part.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
  }
  return { path: `/${parts.join('/').replace(/^\/+/, '')}`, query: mark < 0 ? '' : target.slice(mark + 1) };
}

/** The bytes of a file, undefined if there is no such file. */
export function fileAt(fs: FileSystem, path: string): ByteString | undefined {
  const inode = fs.find(path);
  return inode?.kind === 'file' ? (inode.generate?.() ?? inode.data) : undefined;
}

/** An answer whose length is known; the body is left out for HEAD. */
export function answer(request: HttpRequest, status: number, headers: Headers, body: string): HttpResponse {
  const bytes = utf8(body);
  return { status, headers: { ...headers, 'content-length': String(bytes.length) }, body: request.method === 'HEAD' ? noBytes : bytes };
}

/** Serves until one of the signals comes; returns 0, as servers do that end in good order. */
export function* serveUntilSignal(sys: Sys, signals: readonly ('TERM' | 'QUIT' | 'INT')[]): Call<number> {
  catchAll(sys, signals);
  yield* sys.pause();
  return 0;
}

/** A loop here and not in the generator, which would keep it for as long as the server runs. */
function catchAll(sys: Sys, signals: readonly ('TERM' | 'QUIT' | 'INT')[]): void {
  for (const signal of signals) sys.onSignal(signal, 'catch');
}
