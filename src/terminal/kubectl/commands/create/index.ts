/** kubectl create -f, and the generators below it. Upstream: kubectl/pkg/cmd/create/create.go. */
import { createTarget } from '../../changes/create-target.ts';
import { fieldValidation } from '../../changes/field-validation.ts';
import type { Command } from '../../command.ts';
import { AggregateFailure, CommandError, withSource } from '../../errors.ts';
import { dryRunFlag, fieldManagerFlag, fileFlags, printFlags, saveConfigFlag, selectorFlag, validateFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import { reportPrinter } from '../../printers/print-flags.ts';
import { checkRaw, rawFlag, sendRaw } from '../../raw.ts';
import { builderFlags, hasFiles, select } from '../../resources/builder.ts';
import { createConfigMap } from './configmap.ts';
import { editAndCreate } from './edited.ts';
import { createIngress } from './ingress.ts';
import { createCronJob, createJob } from './jobs.ts';
import { createQuota } from './quota.ts';
import { createClusterRole, createClusterRoleBinding, createRole, createRoleBinding } from './rbac.ts';
import { createSecret } from './secret.ts';
import { createService } from './service.ts';
import { createToken } from './token.ts';
import { createDeployment, createNamespace, createPodDisruptionBudget, createPriorityClass, createServiceAccount } from './workloads.ts';

export const create: Command = {
  name: 'create',
  short: 'Create a resource from a file or from stdin',
  usage: 'create -f FILENAME',
  examples: ['create -f pod.yaml', 'create deployment web --image=nginx'],
  flags: [
    ...printFlags,
    ...fileFlags,
    dryRunFlag,
    flag('edit', 'bool', false, 'Edit before creating.'),
    fieldManagerFlag('kubectl-create'),
    rawFlag('post to'),
    saveConfigFlag,
    selectorFlag,
    validateFlag,
    flag('windows-line-endings', 'bool', false, 'Line endings for --edit.'),
  ],
  subcommands: [
    createClusterRole,
    createClusterRoleBinding,
    createConfigMap,
    createCronJob,
    createDeployment,
    createIngress,
    createJob,
    createNamespace,
    createPodDisruptionBudget,
    createPriorityClass,
    createQuota,
    createRole,
    createRoleBinding,
    createSecret,
    createService,
    createServiceAccount,
    createToken,
  ],
  *run(invocation) {
    if (!hasFiles(invocation)) {
      if (invocation.args.length > 0) throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`);
      throw new CommandError('must specify one of -f and -k');
    }
    if (invocation.args.length > 0) throw invocation.usageError(`Unexpected args: [${invocation.args.join(' ')}]`);
    if (invocation.flags.string('raw') !== '' && invocation.flags.bool('edit'))
      throw new CommandError('--raw and --edit are mutually exclusive');
    checkRaw(invocation, { needsFile: true });
    if (invocation.flags.string('raw') !== '') return yield* sendRaw(invocation, 'POST', invocation.flags.list('filename')[0]);
    if (invocation.flags.bool('edit')) return yield* editAndCreate(invocation);
    fieldValidation(invocation); // Refuses a wrong --validate before anything is sent.
    const print = yield* reportPrinter(invocation);
    const { targets, errors } = yield* select(invocation, builderFlags(invocation));
    const failures = [...errors];
    for (const target of targets) {
      try {
        yield* invocation.out(print(yield* createTarget(invocation, target), 'created'));
      } catch (error) {
        failures.push(withSource('creating', target.source, error));
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};
