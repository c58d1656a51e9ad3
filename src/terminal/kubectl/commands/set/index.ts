/** kubectl set env | image | resources | selector | serviceaccount | subject. Upstream: kubectl/pkg/cmd/set. */
import { changeObjects, setFlags } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { withField } from '../../json.ts';
import { podSpecPath } from '../../pod-template.ts';
import { setEnv } from './env.ts';
import { setImage } from './image.ts';
import { requirePodSpec } from './pod-spec.ts';
import { setResources } from './resources.ts';
import { setSelector } from './selector.ts';
import { setSubject } from './subject.ts';

const setServiceAccount: Command = {
  name: 'serviceaccount',
  aliases: ['sa'],
  short: 'Update the service account of a resource',
  usage: 'set serviceaccount (-f FILENAME | TYPE NAME) SERVICE_ACCOUNT',
  flags: setFlags.filter((item) => item.name !== 'selector'),
  complete: completeNamesOf('serviceaccounts'),
  *run(invocation) {
    const name = invocation.args.at(-1);
    if (name === undefined) throw new CommandError('serviceaccount is required');
    return yield* changeObjects(invocation, {
      args: invocation.args.slice(0, -1),
      operation: 'serviceaccount updated',
      failure: 'failed to patch ServiceAccountName',
      sendsAlways: true,
      change: (object, target) => {
        requirePodSpec(object, target);
        return withField(object, [...podSpecPath(object)!, 'serviceAccountName'], name);
      },
    });
  },
};

export const set: Command = {
  name: 'set',
  short: 'Set specific features on objects',
  usage: 'set SUBCOMMAND',
  subcommands: [setEnv, setImage, setResources, setSelector, setServiceAccount, setSubject],
};
