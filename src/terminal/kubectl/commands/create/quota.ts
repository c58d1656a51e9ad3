/** kubectl create quota. Upstream: kubectl/pkg/cmd/create/create_quota.go. */
import { parseQuantity } from '../../../../emulator/machinery/quantity.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';

export const createQuota: Command = {
  name: 'quota',
  aliases: ['resourcequota'],
  short: 'Create a quota with the specified name',
  usage: 'create quota NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2] [--dry-run=server|client|none]',
  examples: ['create quota team --hard=cpu=2,memory=4Gi,pods=10', 'create quota best-effort --hard=pods=100 --scopes=BestEffort'],
  flags: [
    ...generatorFlags,
    flag('hard', 'string', '', 'What may be used at most, RESOURCE=AMOUNT,….'),
    flag('scopes', 'string', '', 'Scopes that an object must all have to count.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    const name = nameOf(invocation);
    const hard = hardOf(flags.string('hard'));
    const scopes = flags.string('scopes') === '' ? undefined : flags.string('scopes').split(',');
    if (scopes?.includes('')) throw new CommandError('invalid resource quota scope ""');
    return yield* createGenerated(
      invocation,
      { root: '/api/v1', resource: 'resourcequotas', isNamespaced: true },
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name },
        spec: { ...(hard && { hard }), ...(scopes && { scopes }) },
        status: {},
      },
      'failed to create quota:',
    );
  },
};

function hardOf(text: string): Readonly<Record<string, string>> | undefined {
  if (text === '') return undefined;
  return Object.fromEntries(
    text.split(',').map((pair) => {
      const parts = pair.split('=') as [string, string];
      if (parts.length !== 2) throw new CommandError(`Invalid argument syntax ${pair}, expected <resource>=<value>`);
      return [parts[0], parseQuantity(parts[1]).text];
    }),
  );
}
