/** kubectl create secret generic | tls | docker-registry. Upstream: kubectl/pkg/cmd/create/create_secret*.go. */

import type { ByteString, Call } from '../../../../emulator/kernel/index.ts';
import { base64, isErrno, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import { encode, readSources } from './config-data.ts';
import { keyProblem, sourceFlags } from './configmap.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';
import { hashedName } from './hashed-name.ts';

export const createSecret: Command = {
  name: 'secret',
  short: 'Create a secret using a specified subcommand',
  usage: 'create secret (docker-registry | generic | tls)',
  subcommands: [
    {
      name: 'docker-registry',
      short: 'Create a secret for use with a Docker registry',
      usage:
        'create secret docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none]',
      flags: [
        ...generatorFlags,
        ...sourceFlags.filter((item) => item.name !== 'from-env-file' && item.name !== 'from-literal'),
        flag('docker-email', 'string', '', 'Mail address for the registry.'),
        flag('docker-password', 'string', '', 'Password for the registry.'),
        flag('docker-server', 'string', 'https://index.docker.io/v1/', 'The registry.'),
        flag('docker-username', 'string', '', 'User of the registry.'),
      ],
      run: createRegistrySecret,
    },
    {
      name: 'generic',
      short: 'Create a secret from a local file, directory, or literal value',
      usage:
        'create secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
      flags: [...generatorFlags, ...sourceFlags, flag('type', 'string', '', 'The type of the Secret.')],
      run: createGenericSecret,
    },
    {
      name: 'tls',
      short: 'Create a TLS secret',
      usage: 'create secret tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none]',
      flags: [
        ...generatorFlags,
        flag('append-hash', 'bool', false, 'Append a hash of the content to the name.'),
        flag('cert', 'string', '', 'File with the certificate.'),
        flag('key', 'string', '', 'File with its key.'),
      ],
      run: createTlsSecret,
    },
  ],
};

function* createGenericSecret(invocation: Invocation): Call<number> {
  const name = nameOf(invocation);
  const data: Record<string, string> = {};
  readSources(
    invocation,
    (key, bytes) => {
      const problem = keyProblem(key);
      if (problem) throw new CommandError(`${JSON.stringify(key)} is not valid key name for a Secret ${problem}`);
      if (key in data) throw new CommandError(`cannot add key ${key}, another key by that name already exists`);
      data[key] = encode(bytes);
    },
    'secret',
  );
  return yield* createOne(invocation, name, data, invocation.flags.string('type'));
}

function* createTlsSecret(invocation: Invocation): Call<number> {
  const name = nameOf(invocation);
  const { flags } = invocation;
  if (flags.string('cert') === '' || flags.string('key') === '') throw new CommandError('key and cert must be specified');
  // Differs from Kubernetes: that the key belongs to the certificate is not checked here.
  const data = {
    'tls.crt': encode(readFile(invocation, flags.string('cert'))),
    'tls.key': encode(readFile(invocation, flags.string('key'))),
  };
  return yield* createOne(invocation, name, data, 'kubernetes.io/tls');
}

function* createRegistrySecret(invocation: Invocation): Call<number> {
  const name = nameOf(invocation);
  const { flags } = invocation;
  const [username, password, email, server] = ['username', 'password', 'email', 'server'].map((field) =>
    flags.string(`docker-${field}`),
  ) as [string, string, string, string];
  if (flags.list('from-file').length === 0 && (username === '' || password === '' || server === '')) {
    throw new CommandError('either --from-file or the combination of --docker-username, --docker-password and --docker-server is required');
  }
  if (flags.list('from-file').length > 0) {
    const data: Record<string, string> = {};
    // A file that is given no key is the configuration, whatever it is called.
    const keys = flags.list('from-file').map((source) => (source.includes('=') ? undefined : '.dockerconfigjson'));
    readSources(invocation, (key, bytes) => void (data[keys[Object.keys(data).length] ?? key] = encode(bytes)), 'secret');
    return yield* createOne(invocation, name, data, 'kubernetes.io/dockerconfigjson');
  }
  const auth = { username, password, ...(email !== '' && { email }), auth: base64(utf8(`${username}:${password}`)) };
  const data = { '.dockerconfigjson': base64(utf8(JSON.stringify({ auths: { [server]: auth } }))) };
  return yield* createOne(invocation, name, data, 'kubernetes.io/dockerconfigjson');
}

function createOne(invocation: Invocation, name: string, data: Readonly<Record<string, string>>, type: string): Call<number> {
  const object = {
    apiVersion: 'v1',
    ...(Object.keys(data).length > 0 && { data }),
    kind: 'Secret',
    metadata: { name: invocation.flags.bool('append-hash') ? hashedName(name, { data, kind: 'Secret', name, type }) : name },
    ...(type !== '' && { type }),
  };
  return createGenerated(invocation, { root: '/api/v1', resource: 'secrets', isNamespaced: true }, object, 'failed to create secret');
}

function readFile(invocation: Invocation, path: string): ByteString {
  try {
    return invocation.sys.fs.readFile(invocation.sys.path(path));
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new CommandError(`Cannot read file ${path}, open ${path}: ${error.message.toLowerCase()}`);
  }
}
