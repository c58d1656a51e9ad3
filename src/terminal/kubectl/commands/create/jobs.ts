/** kubectl create job and cronjob. Upstream: kubectl/pkg/cmd/create/create_job.go, create_cronjob.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { selectAll } from '../../resources/builder.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';

const root = '/apis/batch/v1';

/** One container, which is called as the object is. */
function containersOf({ flags, args }: Invocation, name: string): readonly Json[] {
  const command = args.slice(1);
  return [{ ...(command.length > 0 && { command }), image: flags.string('image'), name, resources: {} }];
}

export const createJob: Command = {
  name: 'job',
  short: 'Create a job with the specified name',
  usage: 'create job NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  examples: ['create job once --image=busybox -- date', 'create job now --from=cronjob/tidy'],
  flags: [
    ...generatorFlags,
    flag('from', 'string', '', 'A CronJob to make the Job from, cronjob/NAME.'),
    flag('image', 'string', '', 'The image to run.'),
  ],
  *run(invocation) {
    const { flags, args } = invocation;
    const name = nameOf(invocation);
    const [image, from] = [flags.string('image'), flags.string('from')];
    if ((image === '') === (from === '')) throw new CommandError('either --image or --from must be specified');
    if (from !== '' && args.length > 1) throw new CommandError('cannot specify --from and command');
    const { metadata, spec } = from === '' ? fromImage(invocation, name) : yield* fromCronJob(invocation, name, from);
    return yield* createGenerated(
      invocation,
      { root, resource: 'jobs', isNamespaced: true },
      { apiVersion: 'batch/v1', kind: 'Job', metadata, spec, status: {} },
      'failed to create job:',
    );
  },
};

interface JobParts {
  readonly metadata: Json;
  readonly spec: Json;
}

function fromImage(invocation: Invocation, name: string): JobParts {
  const template = { metadata: {}, spec: { containers: containersOf(invocation, name), restartPolicy: 'Never' } };
  return { metadata: { name }, spec: { template } };
}

function* fromCronJob(invocation: Invocation, name: string, from: string): Call<JobParts> {
  const targets = yield* selectAll(invocation, { args: [from], latest: true });
  const [target] = targets;
  if (target === undefined || targets.length > 1) throw new CommandError('from must be an existing cronjob');
  const { object, resource } = target;
  if (resource.kind !== 'CronJob') throw new CommandError(`unknown object type *${resource.version}.${resource.kind}`);
  const { metadata = {}, spec } = object.spec.jobTemplate;
  const owner = { apiVersion: 'batch/v1', controller: true, kind: 'CronJob', name: object.metadata.name, uid: object.metadata.uid };
  return {
    metadata: {
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...metadata.annotations },
      ...(metadata.labels && { labels: metadata.labels }),
      name,
      ownerReferences: [owner],
    },
    spec,
  };
}

export const createCronJob: Command = {
  name: 'cronjob',
  aliases: ['cj'],
  short: 'Create a cron job with the specified name',
  usage: "create cronjob NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
  examples: ['create cronjob tidy --image=busybox --schedule="*/5 * * * *" -- date'],
  flags: [
    ...generatorFlags,
    flag('image', 'string', '', 'The image to run.'),
    flag('restart', 'string', '', 'OnFailure or Never.'),
    flag('schedule', 'string', '', 'When to run, in the form of cron.'),
  ],
  required: ['image', 'schedule'],
  *run(invocation) {
    const { flags } = invocation;
    const name = nameOf(invocation);
    const podSpec = { containers: containersOf(invocation, name), restartPolicy: flags.string('restart') || 'OnFailure' };
    const jobTemplate = { metadata: { name }, spec: { template: { metadata: {}, spec: podSpec } } };
    return yield* createGenerated(
      invocation,
      { root, resource: 'cronjobs', isNamespaced: true },
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name },
        spec: { jobTemplate, schedule: flags.string('schedule') },
        status: {},
      },
      'failed to create cronjob:',
    );
  },
};
