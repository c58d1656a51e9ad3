/** What Tab offers: verbs, flags, kinds, names, namespaces, contexts, containers. Mistakes and unreachable servers offer nothing. */
import type { Call } from '../../emulator/kernel/index.ts';
import type { Invocation } from './invocation.ts';
import type { Json } from './json.ts';
import type { ApiResource } from './rest/discovery.ts';
import { groupResource, resourcePath } from './rest/mapper.ts';

/** TYPE, then names; TYPE/NAME. */
export function* completeObjects(invocation: Invocation, args: readonly string[], word: string): Call<readonly string[]> {
  if (args.length === 0 && word.includes('/')) return yield* completePairs(invocation, word);
  if (args.length === 0) return yield* completeTypes(invocation, word);
  if (args[0]!.includes('/')) return word.includes('/') ? yield* completePairs(invocation, word) : [];
  const names = yield* namesOf(invocation, args[0]!);
  return names.filter((name) => !args.slice(1).includes(name));
}

/** NAME of one type, or TYPE/NAME. */
export function completeNamesOf(type: string): NonNullable<import('./command.ts').Command['complete']> {
  return function* (invocation, args, word) {
    if (word.includes('/')) return yield* completePairs(invocation, word);
    const names = yield* namesOf(invocation, type);
    return names.filter((name) => !args.includes(name));
  };
}

/** A Pod's name (or TYPE/NAME), once. */
export function* completePod(invocation: Invocation, args: readonly string[], word: string): Call<readonly string[]> {
  if (args.length > 0) return [];
  return yield* completeNamesOf('pods')(invocation, args, word);
}

export function* completeTypes(invocation: Invocation, word: string): Call<readonly string[]> {
  const mapper = yield* invocation.mapper();
  const listable = mapper.preferred().filter((resource) => resource.verbs.includes('list') || resource.verbs.includes('get'));
  const comma = word.lastIndexOf(',');
  const before = comma < 0 ? '' : word.slice(0, comma + 1);
  return listable.map((resource) => before + groupResource(resource));
}

function* completePairs(invocation: Invocation, word: string): Call<readonly string[]> {
  const type = word.slice(0, word.indexOf('/'));
  return (yield* namesOf(invocation, type)).map((name) => `${type}/${name}`);
}

export function* namesOf(invocation: Invocation, type: string): Call<readonly string[]> {
  const mapper = yield* invocation.mapper();
  const resource: ApiResource = yield* mapper.resource(type);
  const list: Json = yield* invocation.client.request({ method: 'GET', path: resourcePath(resource, { namespace: invocation.namespace }) });
  return (list.items as readonly Json[]).map((item) => item.metadata.name as string);
}

export function* containersOf(invocation: Invocation, pod: string): Call<readonly string[]> {
  const mapper = yield* invocation.mapper();
  const resource = yield* mapper.resource('pods');
  const found: Json = yield* invocation.client.request({
    method: 'GET',
    path: resourcePath(resource, { namespace: invocation.namespace, name: pod.replace(/^.*\//, '') }),
  });
  return [...(found.spec.initContainers ?? []), ...found.spec.containers].map((container: Json) => container.name as string);
}
