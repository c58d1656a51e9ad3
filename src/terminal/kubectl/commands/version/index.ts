/** kubectl version. Upstream: kubectl/pkg/cmd/version/version.go. */

import { toJson } from '../../../../emulator/machinery/json.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import { clientVersion } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { formatYaml } from '../../printers/serialized.ts';

const kustomizeVersion = 'v5.7.1';
const client = {
  major: '1',
  minor: '34',
  gitVersion: clientVersion,
  gitCommit: 'f28b4c9efbca5c5c0af716d9f2d5702667ee8a45',
  gitTreeState: 'clean',
  buildDate: '2025-08-27T10:17:36Z',
  goVersion: 'go1.24.6',
  compiler: 'gc',
  platform: 'linux/amd64',
};

export const version: Command = {
  name: 'version',
  short: 'Print the client and server version information',
  usage: 'version [flags]',
  flags: [flag('client', 'bool', false, 'The version of kubectl only.'), flag('output', 'string', '', 'yaml or json.', { short: 'o' })],
  *run(invocation) {
    const { flags, args } = invocation;
    if (args.length > 0) throw new CommandError(`extra arguments: [${args.join(' ')}]`);
    const output = flags.string('output');
    if (!['', 'yaml', 'json'].includes(output)) throw new CommandError("--output must be 'yaml' or 'json'");
    let server: Json;
    let failure: unknown;
    if (!flags.bool('client')) {
      try {
        server = yield* invocation.client.request({ method: 'GET', path: '/version', query: { timeout: '32s' } });
      } catch (error) {
        failure = error;
      }
    }
    if (output === '') {
      yield* invocation.out(`Client Version: ${clientVersion}\nKustomize Version: ${kustomizeVersion}\n`);
      if (server) yield* invocation.out(`Server Version: ${server.gitVersion}\n`);
    } else {
      const info = { clientVersion: client, kustomizeVersion, ...(server && { serverVersion: server }) };
      yield* invocation.out(`${output === 'yaml' ? formatYaml(info) : toJson(info, { indent: '  ' })}\n`);
    }
    if (failure) throw failure;
    return 0;
  },
};
