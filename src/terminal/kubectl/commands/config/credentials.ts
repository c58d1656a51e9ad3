/** kubectl config set-cluster and set-credentials. Upstream: kubectl/pkg/cmd/config/set_cluster.go, set_credentials.go. */
import { base64, isErrno } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { kubeconfigPaths } from '../../kubeconfig.ts';
import { exactly } from './arguments.ts';
import { setEntry } from './entries.ts';

type Fields = Readonly<Record<string, Json>>;

export const setCluster: Command = {
  name: 'set-cluster',
  short: 'Set a cluster entry in kubeconfig',
  usage:
    'config set-cluster NAME [--server=server] [--certificate-authority=path/to/certificate/authority] [--insecure-skip-tls-verify=true] [--tls-server-name=example.com]',
  examples: ['config set-cluster test --server=https://172.18.0.2:6443'],
  flags: [
    flag('certificate-authority', 'string', '', 'File with the authority of the server.'),
    flag('embed-certs', 'bool', false, 'Put the certificate into the kubeconfig.'),
    flag('insecure-skip-tls-verify', 'bool', false, 'Do not check the certificate of the server.'),
    flag('proxy-url', 'string', '', 'A proxy on the way to the server.'),
    flag('server', 'string', '', 'Address of the server.'),
    flag('tls-server-name', 'string', '', 'Name to check the certificate for.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    const [name] = yield* exactly(invocation, 1);
    const authority = flags.string('certificate-authority');
    const isEmbedded = flags.bool('embed-certs');
    if (flags.bool('insecure-skip-tls-verify') && authority !== '')
      throw new CommandError('you cannot specify a certificate authority and insecure mode at the same time');
    if (isEmbedded && authority === '') throw new CommandError('you must specify a --certificate-authority to embed');
    if (isEmbedded) requireFile(invocation, 'certificate-authority', authority);
    const fields: Record<string, Json> = {};
    for (const item of ['server', 'tls-server-name', 'proxy-url']) if (flags.changed(item)) fields[item] = flags.string(item) || undefined;
    if (flags.changed('insecure-skip-tls-verify')) {
      fields['insecure-skip-tls-verify'] = flags.bool('insecure-skip-tls-verify') || undefined;
      if (flags.bool('insecure-skip-tls-verify')) Object.assign(fields, without('certificate-authority'));
    }
    if (authority !== '') {
      Object.assign(fields, file(invocation, 'certificate-authority', isEmbedded));
      fields['insecure-skip-tls-verify'] = undefined;
    }
    return yield* setEntry(invocation, 'clusters', name!, fields, 'Cluster');
  },
};

const without = (name: string): Fields => ({ [name]: undefined, [`${name}-data`]: undefined });

function file(invocation: Invocation, name: string, isEmbedded: boolean): Fields {
  const path = invocation.flags.string(name);
  return isEmbedded
    ? { ...without(name), [`${name}-data`]: encoded(invocation, path) }
    : { ...without(name), [name]: path === '' ? undefined : fromConfig(invocation, path) };
}

/** A file in or below the directory of the kubeconfig is named from there. */
function fromConfig({ sys, flags }: Invocation, path: string): string {
  const [absolute, config] = [sys.path(path), kubeconfigPaths(sys, flags)[0]!];
  const directory = config.slice(0, config.lastIndexOf('/') + 1);
  return absolute.startsWith(directory) ? absolute.slice(directory.length) : absolute;
}

function requireFile({ sys }: Invocation, name: string, path: string): void {
  if (sys.fs.find(sys.path(path))) return;
  throw new CommandError(`could not stat ${name} file ${path}: stat ${path}: no such file or directory`);
}

function encoded({ sys }: Invocation, path: string): string {
  try {
    return base64(sys.fs.readFile(sys.path(path)));
  } catch (error) {
    if (!isErrno(error)) throw error;
    throw new CommandError(`error reading ${path}: open ${path}: ${error.message.toLowerCase()}`);
  }
}

export const setCredentials: Command = {
  name: 'set-credentials',
  short: 'Set a user entry in kubeconfig',
  usage:
    'config set-credentials NAME [--client-certificate=path/to/certfile] [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] [--password=basic_password] [--auth-provider=provider_name] [--auth-provider-arg=key=value] [--exec-command=exec_command] [--exec-api-version=exec_api_version] [--exec-arg=arg] [--exec-env=key=value]',
  examples: ['config set-credentials ann --client-certificate=ann.crt --client-key=ann.key', 'config set-credentials robot --token=abc'],
  // Differs from Kubernetes: credentials of providers, programs and basic authentication are kept in the file, and not used.
  flags: [
    flag('auth-provider', 'string', '', 'A provider of credentials.'),
    flag('auth-provider-arg', 'list', [], 'Arguments of the provider, KEY=VALUE or KEY-.'),
    flag('client-certificate', 'string', '', 'File with the certificate.'),
    flag('client-key', 'string', '', 'File with its key.'),
    flag('embed-certs', 'bool', false, 'Put certificate and key into the kubeconfig.'),
    flag('exec-api-version', 'string', '', 'API version of the program for credentials.'),
    flag('exec-arg', 'list', [], 'Arguments of the program.'),
    flag('exec-command', 'string', '', 'A program that gives credentials.'),
    flag('exec-env', 'array', [], 'Environment of the program, KEY=VALUE or KEY-.'),
    flag('exec-interactive-mode', 'string', '', 'IfAvailable, Never or Always: whether the program may ask.'),
    flag('exec-provide-cluster-info', 'bool', false, 'Tell the program of the cluster.'),
    flag('password', 'string', '', 'Password for basic authentication.'),
    flag('token', 'string', '', 'Bearer token.'),
    flag('username', 'string', '', 'User for basic authentication.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    const [name] = yield* exactly(invocation, 1, 'unexpected');
    checkCredentials(invocation);
    const files = ['client-certificate', 'client-key'].filter((item) => flags.changed(item));
    const fields: Record<string, Json> = Object.assign({}, ...files.map((item) => file(invocation, item, flags.bool('embed-certs'))));
    for (const item of ['token', 'username', 'password']) if (flags.changed(item)) fields[item] = flags.string(item) || undefined;
    // One way to prove who one is replaces the other.
    if (fields.token) Object.assign(fields, { username: undefined, password: undefined });
    else if (fields.username || fields.password) fields.token = undefined;
    return yield* setEntry(
      invocation,
      'users',
      name!,
      (before) => ({ ...fields, ...provider(invocation, before), ...program(invocation, before) }),
      'User',
    );
  },
};

function checkCredentials(invocation: Invocation): void {
  const { flags } = invocation;
  const isBasic = flags.string('username') !== '' || flags.string('password') !== '';
  if (flags.string('token') !== '' && isBasic)
    throw new CommandError('you cannot specify more than one authentication method at the same time: --token, --username/--password');
  if (flags.bool('embed-certs')) {
    const files = ['client-certificate', 'client-key'].filter((item) => flags.string(item) !== '');
    if (files.length === 0) throw new CommandError('you must specify a --client-certificate or --client-key to embed');
    for (const item of files) requireFile(invocation, item, flags.string(item));
  }
  if (flags.changed('exec-interactive-mode') && !['IfAvailable', 'Never', 'Always'].includes(flags.string('exec-interactive-mode')))
    throw new CommandError('invalid interactive mode type, can be only IfAvailable, Never, Always');
}

/** KEY=VALUE adds, KEY- removes. */
function changedPairs(before: Readonly<Record<string, string>>, specs: readonly string[]): Record<string, string> {
  const pairs = { ...before };
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    if (equals > 0) pairs[spec.slice(0, equals)] = spec.slice(equals + 1);
    else delete pairs[spec.replace(/-$/, '')];
  }
  return pairs;
}

function provider({ flags }: Invocation, before: Json): Fields {
  const name = flags.string('auth-provider') || before?.['auth-provider']?.name;
  if (!name || !(flags.changed('auth-provider') || flags.changed('auth-provider-arg'))) return {};
  const old = before?.['auth-provider']?.name === name ? before['auth-provider'].config : {};
  return { 'auth-provider': { config: changedPairs(old ?? {}, flags.list('auth-provider-arg')), name } };
}

function program({ flags }: Invocation, before: Json): Fields {
  const old: Json = before?.exec;
  if (old === undefined && !flags.changed('exec-command')) return {};
  const env = changedPairs(Object.fromEntries((old?.env ?? []).map((one: Json) => [one.name, one.value])), flags.list('exec-env'));
  const names = Object.keys(env);
  const args = flags.changed('exec-arg') ? flags.list('exec-arg') : flags.changed('exec-command') ? null : (old?.args ?? null);
  return {
    exec: withoutUndefined({
      apiVersion: flags.changed('exec-api-version') ? flags.string('exec-api-version') : (old?.apiVersion ?? ''),
      args,
      command: flags.changed('exec-command') ? flags.string('exec-command') : old.command,
      env: names.length > 0 ? names.map((name) => ({ name, value: env[name] })) : null,
      interactiveMode: flags.changed('exec-interactive-mode') ? flags.string('exec-interactive-mode') : old?.interactiveMode,
      provideClusterInfo: flags.changed('exec-provide-cluster-info')
        ? flags.bool('exec-provide-cluster-info')
        : (old?.provideClusterInfo ?? false),
    }),
  };
}

const withoutUndefined = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
