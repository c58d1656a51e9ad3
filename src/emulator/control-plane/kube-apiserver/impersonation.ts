/** Impersonation: `kubectl --as`. Each name that is taken on must be allowed by the verb `impersonate`. Upstream: endpoints/filters/impersonation. */
import type { Call, Headers } from '../../kernel/index.ts';
import { refusal } from './authorization/index.ts';
import type { UserInfo } from './request.ts';
import { RequestFailure } from './request-failure.ts';
import type { ApiServer } from './server.ts';

/** One thing that the client would like to be. */
interface Wish {
  readonly kind: 'User' | 'ServiceAccount' | 'Group' | 'UserExtra' | 'UID';
  readonly resource: string;
  readonly name: string;
  readonly namespace?: string;
  /** Of an extra. */
  readonly key?: string;
}

const authentication = 'authentication.k8s.io';
const extraPrefix = 'impersonate-extra-';
const listOf = (value: string | undefined): readonly string[] => value?.split(/, ?/).filter((item) => item !== '') ?? [];

/** The user that the request speaks for: the client itself without the headers. Throws 403 when it may not. */
export function* impersonated(server: ApiServer, user: UserInfo, headers: Headers): Call<UserInfo> {
  const wishes = wishesOf(headers);
  if (wishes.length === 0) return user;
  for (const wish of wishes) yield* allow(server, user, wish);
  const names = (kind: Wish['kind']): readonly string[] => wishes.filter((wish) => wish.kind === kind).map(({ name }) => name);
  const name = headers['impersonate-user']!;
  const account = wishes.find(({ kind }) => kind === 'ServiceAccount');
  const given = names('Group');
  const groups = account && given.length === 0 ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : given;
  const extra: Record<string, string[]> = {};
  for (const { key, name: value } of wishes) if (key !== undefined) (extra[key] ??= []).push(value);
  return { name, uid: names('UID')[0], groups: withEverybody(name, groups), extra: Object.keys(extra).length > 0 ? extra : undefined };
}

/** Whoever is anybody is in system:authenticated, unless the groups say that they are not. */
function withEverybody(name: string, groups: readonly string[]): readonly string[] {
  const [known, unknown] = ['system:authenticated', 'system:unauthenticated'];
  if (name === 'system:anonymous') return groups.includes(unknown) ? groups : [...groups, unknown];
  return groups.includes(known) || groups.includes(unknown) ? groups : [...groups, known];
}

function wishesOf(headers: Headers): readonly Wish[] {
  const name = headers['impersonate-user'] ?? '';
  const more: Wish[] = listOf(headers['impersonate-group']).map((group) => ({ kind: 'Group', resource: 'groups', name: group }));
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(extraPrefix)) continue;
    const key = unescaped(header.slice(extraPrefix.length).toLowerCase());
    for (const value of listOf(headers[header])) more.push({ kind: 'UserExtra', resource: 'userextras', name: value, key });
  }
  const uid = headers['impersonate-uid'] ?? '';
  if (uid !== '') more.push({ kind: 'UID', resource: 'uids', name: uid });
  if (name === '') {
    if (more.length > 0) throw new RequestFailure(`requested [${more.map(referenceText).join(' ')}] without impersonating a user`);
    return [];
  }
  const [, namespace, account] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
  const who: Wish =
    namespace !== undefined && account !== undefined
      ? { kind: 'ServiceAccount', resource: 'serviceaccounts', name: account, namespace }
      : { kind: 'User', resource: 'users', name };
  return [who, ...more];
}

const isOfAuthentication = ({ kind }: Wish): boolean => kind === 'UserExtra' || kind === 'UID';

/** As Go writes an ObjectReference: kind, namespace, name, UID, version, resource version, path. */
function referenceText(wish: Wish): string {
  const version = isOfAuthentication(wish) ? `${authentication}/v1` : '';
  return `{${[wish.kind, wish.namespace ?? '', wish.name, '', version, '', wish.key ?? ''].join(' ')}}`;
}

/** A key with `%2f` for a slash; one that is written wrong is taken as it stands. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function* allow(server: ApiServer, user: UserInfo, wish: Wish): Call<void> {
  const attributes = {
    user,
    verb: 'impersonate',
    group: isOfAuthentication(wish) ? authentication : '',
    version: isOfAuthentication(wish) ? 'v1' : '',
    resource: wish.resource,
    subresource: wish.key ?? '',
    namespace: wish.namespace ?? '',
    name: wish.name,
    path: '',
  };
  const { verdict, reason } = yield* server.authorization.ask(attributes);
  if (verdict !== 'allow') throw refusal(attributes, reason);
}
