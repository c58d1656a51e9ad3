import type { DataDirectory } from './membership.ts';
import { clusterIdOf, foundingMembers } from './membership.ts';
import { EtcdMember } from './member.ts';
import type { EtcdData } from './store.ts';

/** A member that is its own majority. */
export function createSingleMember(data: EtcdData, { name }: { readonly name: string }): EtcdMember {
  const members = foundingMembers([`${name}=http://localhost:2380`]);
  const { id } = members[0]!;
  const directory: DataDirectory = {
    data,
    clusterId: clusterIdOf([id]),
    memberId: id,
    members: new Map(members.map((member) => [member.id, member])),
    applied: 4,
    term: 2,
    disk: undefined,
    alarms: new Set(),
  };
  return new EtcdMember({ kernel: data.kernel, directory, name });
}
