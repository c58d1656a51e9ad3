import type { UserInfo } from '../request.ts';
import type { ResourceStore } from '../storage/resource-store.ts';

/** The objects that a bound token depends on. */
export interface IdentityStores {
  readonly serviceAccounts: ResourceStore;
  readonly pods: ResourceStore;
  readonly secrets: ResourceStore;
  readonly nodes: ResourceStore;
}

/** A user with the test whether the credential still proves it. */
export interface Identity {
  readonly user: UserInfo;
  readonly isValid: () => boolean;
}

/** Everyone who proved something is in this group too. */
export function authenticated(user: UserInfo): UserInfo {
  return user.groups.includes('system:authenticated') ? user : { ...user, groups: [...user.groups, 'system:authenticated'] };
}

/** Whether the name is that of a part of the cluster, as opposed to people and to what they run. */
export function isComponent(name: string): boolean {
  if (name.startsWith('system:serviceaccount:')) return name.startsWith('system:serviceaccount:kube-system:');
  return name.startsWith('system:') && name !== 'system:anonymous';
}
