/** kubectl create configmap. Upstream: kubectl/pkg/cmd/create/create_configmap.go. */
import { textOf } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import type { Flag } from '../../flag-set.ts';
import { flag } from '../../flag-set.ts';
import { encode, isUtf8, readSources } from './config-data.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';
import { hashedName } from './hashed-name.ts';

export const sourceFlags: readonly Flag[] = [
  flag('append-hash', 'bool', false, 'Append a hash of the content to the name.'),
  flag('from-env-file', 'list', [], 'File with KEY=VALUE lines.'),
  flag('from-file', 'list', [], 'File (with KEY= in front: under that key) or directory.'),
  flag('from-literal', 'array', [], 'KEY=VALUE.'),
];

export const createConfigMap: Command = {
  name: 'configmap',
  aliases: ['cm'],
  short: 'Create a config map from a local file, directory or literal value',
  usage: 'create configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  examples: ['create configmap app --from-literal=mode=dev', 'create configmap app --from-file=app.conf'],
  flags: [...generatorFlags, ...sourceFlags],
  *run(invocation) {
    const name = nameOf(invocation);
    const data: Record<string, string> = {};
    const binaryData: Record<string, string> = {};
    readSources(
      invocation,
      (key, bytes) => {
        const problem = keyProblem(key);
        if (problem) throw new CommandError(`${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${problem}`);
        if (key in data)
          throw new CommandError(
            `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(name)}`,
          );
        if (key in binaryData)
          throw new CommandError(
            `cannot add key ${JSON.stringify(key)}, another key by that name already exists in BinaryData for ConfigMap ${JSON.stringify(name)}`,
          );
        if (isUtf8(bytes)) data[key] = textOf(bytes);
        else binaryData[key] = encode(bytes);
      },
      'config',
    );
    const object = {
      apiVersion: 'v1',
      ...(Object.keys(binaryData).length > 0 && { binaryData }),
      ...(Object.keys(data).length > 0 && { data }),
      kind: 'ConfigMap',
      metadata: { name: invocation.flags.bool('append-hash') ? hashedName(name, { binaryData, data, kind: 'ConfigMap', name }) : name },
    };
    return yield* createGenerated(
      invocation,
      { root: '/api/v1', resource: 'configmaps', isNamespaced: true },
      object,
      'failed to create configmap:',
    );
  },
};

/** Why a text cannot be a key of a ConfigMap or Secret, undefined when it can. */
export function keyProblem(key: string): string | undefined {
  if (key.length > 253) return 'must be no more than 253 characters';
  if (key === '.') return "must not be '.'";
  if (key === '..') return "must not be '..'";
  if (key.startsWith('..')) return "must not start with '..'";
  if (/^[-._a-zA-Z0-9]+$/.test(key)) return undefined;
  return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
}
