/** Which Pods use which claims (pkg/controller/volume/common/indexer.go). */
import type { Pod } from '../../api/generated/types.ts';
import { claimNameOf } from '../../api/storage/volume-binding.ts';
import type { Informer } from '../../client/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';

const none: readonly string[] = [];
const nobody: readonly Pod[] = [];

/** The names of the claims that a Pod uses. */
export function claimNamesOf(pod: Pod): readonly string[] {
  let names: string[] | undefined;
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name !== undefined) (names ??= []).push(name);
  }
  return names ?? none;
}

const known = new WeakMap<Informer<Pod>, (claim: ApiObject) => readonly Pod[]>();

/** Finds the Pods that use a claim. A Pod's volumes never change, so that only its coming and going is looked at. */
export function podsOfClaim(informer: Informer<Pod>): (claim: ApiObject) => readonly Pod[] {
  let find = known.get(informer);
  if (find) return find;
  const users = new Map<string, Set<string>>();
  informer.onChange(({ type, object }) => {
    if (type === 'MODIFIED') return;
    const { uid, namespace } = object.metadata;
    for (const name of claimNamesOf(object)) {
      const key = `${namespace}/${name}`;
      const uids = users.get(key);
      if (type === 'DELETED') {
        if (uids?.delete(uid) && uids.size === 0) users.delete(key);
      } else if (uids) uids.add(uid);
      else users.set(key, new Set([uid]));
    }
  });
  find = ({ metadata }) => {
    const uids = users.get(`${metadata.namespace}/${metadata.name}`);
    return uids ? [...uids].flatMap((uid) => informer.byUID(uid) ?? []) : nobody;
  };
  known.set(informer, find);
  return find;
}
