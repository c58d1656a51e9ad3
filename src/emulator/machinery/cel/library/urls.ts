/** URLs: apiserver/pkg/cel/library/urls.go. */
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { EntryMap, Opaque } from '../values.ts';

interface Url {
  readonly scheme: string;
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
}

/** Undefined for what is neither an absolute URL nor an absolute path. */
function parse(text: string): Url | undefined {
  const match =
    /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(?=[/?#]|$))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, scheme = '', host, port = '', path = '', query = ''] = match;
  if (scheme === '' && !text.startsWith('/')) return undefined;
  if (host === undefined && path.includes(':') && scheme === '') return undefined;
  const name = host ?? '';
  return { scheme, host: port === '' ? name : `${name}:${port}`, hostname: name.replace(/^\[|\]$/g, ''), port, path, query };
}

const escaped = (path: string): string => encodeURI(path).replaceAll('%25', '%');

function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function queryOf({ query }: Url): EntryMap {
  const found = new Map<string, string[]>();
  for (const part of query === '' ? [] : query.split('&')) {
    const equals = part.indexOf('=');
    const key = unescapeText(equals < 0 ? part : part.slice(0, equals));
    found.set(key, [...(found.get(key) ?? []), equals < 0 ? '' : unescapeText(part.slice(equals + 1))]);
  }
  const map = new EntryMap();
  for (const [key, values] of found) map.put(key, values);
  return map;
}

const type = 'kubernetes.URL';

export const urls = define({
  'url(string): kubernetes.URL': ([text]) => {
    const url = parse(text);
    if (!url) throw new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
    return new Opaque(type, url, text);
  },
  'isURL(string): bool': ([text]) => parse(text) !== undefined,
  'kubernetes.URL.getScheme(): string': ([{ of }]) => of.scheme,
  'kubernetes.URL.getHost(): string': ([{ of }]) => of.host,
  'kubernetes.URL.getHostname(): string': ([{ of }]) => of.hostname,
  'kubernetes.URL.getPort(): string': ([{ of }]) => of.port,
  'kubernetes.URL.getEscapedPath(): string': ([{ of }]) => escaped(of.path),
  'kubernetes.URL.getQuery(): map<string, list<string>>': ([{ of }]) => queryOf(of),
});
