/** kubectl set subject. Upstream: kubectl/pkg/cmd/set/set_subject.go. */
import { equal } from '../../../../emulator/machinery/equality.ts';
import { patchTo, setFlags } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, localResourceError, selectAll } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';

export const setSubject: Command = {
  name: 'subject',
  short: 'Update the user, group, or service account in a role binding or cluster role binding',
  usage:
    'set subject (-f FILENAME | TYPE NAME) [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  examples: ['set subject rolebinding readers --user=ann --group=team', 'set subject clusterrolebinding admin --serviceaccount=shop:robot'],
  flags: [
    ...setFlags,
    flag('group', 'array', [], 'A group to bind; may be repeated.'),
    flag('serviceaccount', 'array', [], 'A service account to bind, NAMESPACE:NAME.'),
    flag('user', 'array', [], 'A user to bind; may be repeated.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    const print = yield* reportPrinter(invocation);
    const dryRun = dryRunStrategy(invocation);
    const isLocal = flags.bool('local');
    if (isLocal && invocation.args.length > 0) throw new CommandError(localResourceError);
    const targets = yield* selectAll(invocation, { ...builderFlags(invocation), latest: !isLocal });
    if (isLocal && dryRun === 'server')
      throw new CommandError('cannot specify --local and --dry-run=server - did you mean --dry-run=client?');
    const subjects = subjectsOf(invocation, targets);
    const failures: unknown[] = [];
    for (const target of targets) {
      try {
        const changed = withSubjects(target, subjects);
        if (changed === target.object) continue;
        const isPrintedOnly = isLocal || dryRun === 'client';
        yield* invocation.out(print(isPrintedOnly ? changed : yield* patchTo(invocation, target, changed), 'subjects updated'));
      } catch (error) {
        failures.push(
          error instanceof CommandError ? error : new CommandError(`failed to patch subjects to rolebinding: ${messageOf(error)}`),
        );
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function subjectsOf(invocation: Invocation, targets: readonly Target[]): readonly Json[] {
  const { flags } = invocation;
  const [users, groups, accounts] = ['user', 'group', 'serviceaccount'].map((name) => [...new Set(flags.list(name))].sort()) as [
    string[],
    string[],
    string[],
  ];
  if (users.length === 0 && groups.length === 0 && accounts.length === 0)
    throw new CommandError('you must specify at least one value of user, group or serviceaccount');
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    ...users.map((name) => ({ apiGroup, kind: 'User', name })),
    ...groups.map((name) => ({ apiGroup, kind: 'Group', name })),
    ...accounts.map((text) => {
      const [namespace, name, ...more] = text.split(':') as [string, string | undefined, ...string[]];
      if (!name || more.length > 0) throw new CommandError('serviceaccount must be <namespace>:<name>');
      if (namespace === '' && targets.some(({ object }) => object.kind === 'ClusterRoleBinding'))
        throw new CommandError('serviceaccount must be <namespace>:<name>, namespace must be specified');
      return { kind: 'ServiceAccount', name, namespace: namespace || invocation.namespace };
    }),
  ];
}

/** The binding with those of the subjects that it lacks; the same object when it lacks none. */
function withSubjects({ object, resource, name }: Target, subjects: readonly Json[]): Json {
  if (object.kind !== 'RoleBinding' && object.kind !== 'ClusterRoleBinding') {
    throw new CommandError(`error: ${resource.resource}/${name} setting subjects is only supported for RoleBinding/ClusterRoleBinding\n`);
  }
  const existing: readonly Json[] = object.subjects ?? [];
  const added = subjects.filter((subject) => !existing.some((one) => equal(one, subject)));
  return added.length === 0 ? object : { ...object, subjects: [...existing, ...added] };
}
