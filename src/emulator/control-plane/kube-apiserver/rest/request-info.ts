/** What a URL asks for. Upstream: apiserver/pkg/endpoints/request/requestinfo.go. */
import type { Verb } from '../../../api/kind.ts';

export type Query = ReadonlyMap<string, readonly string[]>;

/** A request for a resource. */
export interface ResourceInfo {
  readonly verb: Verb;
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** What follows a subresource that has paths of its own (`proxy`). */
  readonly rest: string;
}

/** Parts a target into path and query; both decoded. */
export function parseTarget(target: string): { readonly path: string; readonly query: Query } {
  const mark = target.indexOf('?');
  const path = decode(mark < 0 ? target : target.slice(0, mark));
  const query = new Map<string, string[]>();
  for (const part of mark < 0 ? [] : target.slice(mark + 1).split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = decode((equals < 0 ? part : part.slice(0, equals)).replaceAll('+', ' '));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1).replaceAll('+', ' '));
    const known = query.get(name);
    if (known) known.push(value);
    else query.set(name, [value]);
  }
  return { path, query };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A parameter that stands there is true, unless it says `false` or `0` (apimachinery, Convert_Slice_string_To_bool). */
export const isTrue = (query: Query, name: string): boolean => {
  const value = query.get(name)?.[0];
  return value !== undefined && value !== '0' && value.toLowerCase() !== 'false';
};

/** Subresources of a namespace itself, which would otherwise read as resources in it. */
const namespaceSubresources = new Set(['status', 'finalize']);

const verbs: Readonly<Record<string, Verb>> = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** Undefined for a path that is no resource: discovery, health, and what does not exist. */
export function resourceInfo(method: string, path: string, query: Query): ResourceInfo | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const isCore = parts[0] === 'api';
  if (!isCore && parts[0] !== 'apis') return undefined;
  const apiVersion = isCore ? parts[1] : parts[2] === undefined ? undefined : `${parts[1]}/${parts[2]}`;
  const rest = parts.slice(isCore ? 2 : 3);
  let verb = verbs[method];
  if (apiVersion === undefined || rest.length === 0 || !verb) return undefined;
  let namespace = '';
  let isWatch = isTrue(query, 'watch');
  if (rest[0] === 'watch' && rest.length > 1) {
    rest.shift();
    isWatch = true;
  }
  if (rest[0] === 'namespaces' && rest.length > 2 && !namespaceSubresources.has(rest[2]!)) {
    namespace = rest[1]!;
    rest.splice(0, 2);
  }
  const [resource, name = '', subresource = '', ...more] = rest as [string, ...string[]];
  if (verb === 'get' && (name === '' || isWatch)) verb = isWatch ? 'watch' : 'list';
  if (verb === 'delete' && name === '') verb = 'deletecollection';
  return { verb, apiVersion, resource, subresource, namespace, name, rest: more.join('/') };
}
