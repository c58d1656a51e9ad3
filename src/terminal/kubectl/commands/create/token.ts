/** kubectl create token: asks for a token of a service account. Upstream: kubectl/pkg/cmd/create/create_token.go. */

import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { CommandError } from '../../errors.ts';
import { printFlags } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Json } from '../../json.ts';
import { outputPrinter } from '../../printers/print-flags.ts';
import { nameOf } from './generated.ts';

const boundKinds: Readonly<Record<string, string>> = { Node: 'v1', Pod: 'v1', Secret: 'v1' };

export const createToken: Command = {
  name: 'token',
  short: 'Request a service account token',
  usage: 'create token SERVICE_ACCOUNT_NAME',
  flags: [
    ...printFlags,
    flag('audience', 'array', [], 'Who the token is for; may be repeated.'),
    flag('bound-object-kind', 'string', '', 'Kind of an object that the token lives as long as.'),
    flag('bound-object-name', 'string', '', 'Name of that object.'),
    flag('bound-object-uid', 'string', '', 'UID of that object.'),
    flag('duration', 'duration', 0, 'How long the token is to be valid.'),
  ],
  complete: completeNamesOf('serviceaccounts'),
  *run(invocation) {
    const { flags } = invocation;
    const name = nameOf(invocation);
    const printer = yield* outputPrinter(invocation);
    const [kind, bound, uid] = [flags.string('bound-object-kind'), flags.string('bound-object-name'), flags.string('bound-object-uid')];
    const duration = flags.duration('duration');
    if (duration < 0) throw new CommandError('--duration must be greater than or equal to 0');
    if (duration % 1000 !== 0) throw new CommandError('--duration cannot be expressed in units less than seconds');
    if (flags.list('audience').includes('')) throw new CommandError('--audience must not be an empty string');
    if (kind === '' && bound !== '') throw new CommandError('--bound-object-name can only be set if --bound-object-kind is provided');
    if (kind === '' && uid !== '') throw new CommandError('--bound-object-uid can only be set if --bound-object-kind is provided');
    if (kind !== '' && !boundKinds[kind])
      throw new CommandError(`supported --bound-object-kind values are ${Object.keys(boundKinds).join(', ')}`);
    if (kind !== '' && bound === '') throw new CommandError('--bound-object-name is required if --bound-object-kind is provided');
    const spec = {
      audiences: flags.list('audience'),
      ...(duration > 0 && { expirationSeconds: duration / 1000 }),
      ...(kind !== '' && { boundObjectRef: { kind, apiVersion: boundKinds[kind], name: bound, ...(uid !== '' && { uid }) } }),
    };
    let answer: Json;
    try {
      answer = yield* invocation.client.request({
        method: 'POST',
        path: `/api/v1/namespaces/${invocation.namespace}/serviceaccounts/${name}/token`,
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec },
      });
    } catch (error) {
      if (error instanceof StatusError) throw new CommandError(`failed to create token: ${error.message}`);
      throw error;
    }
    if (!answer.status?.token) throw new CommandError('failed to create token: no token in server response');
    yield* invocation.out(printer ? printer(answer) : `${answer.status.token}\n`);
    return 0;
  },
};
