/** Which rule a request falls under: the order of the specification (HTTPRouteRule.matches). */
import type { HttpRequest } from '../../kernel/index.ts';
import { rulesOf } from './grpc-routes.ts';
import type { AnyRoute, RouteMatch, RouteRule } from './kinds.ts';
import type { Attachment } from './routes.ts';

/** One match of one rule, for one host. */
export interface Entry {
  readonly route: AnyRoute;
  readonly rule: RouteRule;
  readonly match: RouteMatch;
}

/** Hosts of one listener with what they lead to, best first. */
export interface Site {
  readonly host: string;
  readonly entries: readonly Entry[];
}

/** How exact a host is: a whole name, then the longest wildcard, then any. */
function hostRank(host: string): number {
  return host === '' ? 0 : host.startsWith('*.') ? host.length : 1000 + host.length;
}

export function isHost(pattern: string, host: string): boolean {
  return (
    pattern === '' || pattern === host || (pattern.startsWith('*.') && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1)
  );
}

/** The most exact of those that are for a host. */
export function mostExact<T>(all: readonly T[], host: string, hostOf: (one: T) => string): T | undefined {
  let best: T | undefined;
  for (const one of all)
    if (isHost(hostOf(one), host) && (best === undefined || hostRank(hostOf(one)) > hostRank(hostOf(best)))) best = one;
  return best;
}

/** The hosts of one listener's routes. */
export function sitesOf(attachments: readonly Attachment[]): readonly Site[] {
  const sites = new Map<string, Entry[]>();
  for (const { route, hostnames } of attachments)
    for (const host of hostnames) {
      const entries = sites.get(host) ?? [];
      sites.set(host, entries);
      for (const rule of rulesOf(route)) for (const match of rule.matches ?? []) entries.push({ route, rule, match });
    }
  return [...sites].map(([host, entries]) => ({ host, entries: entries.sort(byPrecedence) }));
}

const pathRank = ({ path }: RouteMatch): number => (path?.type === 'Exact' ? 100_000 : 0) + (path?.value ?? '/').replace(/\/$/, '').length;

function byPrecedence(a: Entry, b: Entry): number {
  const count = (list: readonly unknown[] | undefined): number => list?.length ?? 0;
  const [x, y] = [a.route.metadata, b.route.metadata];
  return (
    pathRank(b.match) - pathRank(a.match) ||
    Number(b.match.method !== undefined) - Number(a.match.method !== undefined) ||
    count(b.match.headers) - count(a.match.headers) ||
    count(b.match.queryParams) - count(a.match.queryParams) ||
    (x.creationTimestamp < y.creationTimestamp ? -1 : x.creationTimestamp > y.creationTimestamp ? 1 : 0) ||
    (`${x.namespace}/${x.name}` < `${y.namespace}/${y.name}` ? -1 : `${x.namespace}/${x.name}` > `${y.namespace}/${y.name}` ? 1 : 0)
  );
}

function isPath({ type, value = '/' }: NonNullable<RouteMatch['path']>, path: string): boolean {
  if (type === 'Exact') return path === value;
  const base = value.replace(/\/$/, '');
  return base === '' || path === base || path.startsWith(`${base}/`);
}

/** Parameters of a query; of several with one name the first counts. */
function parametersOf(query: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name = '', value = ''] = pair.split('=');
    if (!found.has(name)) found.set(name, value);
  }
  return found;
}

/** The first entry that a request has all of. */
export function entryFor(site: Site, { method, headers, target }: HttpRequest): Entry | undefined {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const parameters = parametersOf(mark < 0 ? '' : target.slice(mark + 1));
  return site.entries.find(
    ({ match }) =>
      isPath(match.path ?? {}, path) &&
      (match.method === undefined || match.method === method) &&
      (match.headers ?? []).every(({ name, value }) => headers[name.toLowerCase()] === value) &&
      (match.queryParams ?? []).every(({ name, value }) => parameters.get(name) === value),
  );
}
