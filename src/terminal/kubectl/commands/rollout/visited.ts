/** Kinds that upstream's visitors know. Upstream: kubectl/pkg/apps/kind_visitor.go. */
import { CommandError } from '../../errors.ts';
import type { ApiResource } from '../../rest/discovery.ts';

const visited = ['CronJob', 'DaemonSet', 'Deployment', 'Job', 'Pod', 'ReplicaSet', 'ReplicationController', 'StatefulSet'];

/** Why a kind has no history or rollback. */
export function notImplemented(what: 'history viewer' | 'rollbacker', { kind, group }: ApiResource): CommandError {
  const name = JSON.stringify(group === '' ? kind : `${kind}.${group}`);
  if (visited.includes(kind)) return new CommandError(`no ${what} has been implemented for ${name}`);
  const doing = what === 'rollbacker' ? 'rollbacker' : 'history';
  return new CommandError(`error retrieving ${doing} for ${name}, no visitor method exists for {${group} ${kind}}`);
}
