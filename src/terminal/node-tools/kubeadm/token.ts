/** `kubeadm token`: bootstrap tokens, which are Secrets of kube-system (cmd/kubeadm/app/cmd/token.go). */
import { secrets } from '../../../emulator/api/core/secret.ts';
import type { Secret } from '../../../emulator/api/generated/types.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { base64, formatTime, fromBase64, parseTime, textOf, utf8 } from '../../../emulator/kernel/index.ts';
import { parseDuration, shortHumanDuration } from '../../../emulator/machinery/duration.ts';
import { isAlreadyExists, isNotFound } from '../../../emulator/machinery/status-error.ts';
import { loadKubeconfig } from '../../../emulator/client/index.ts';
import { publicKeyHash } from '../../../emulator/machinery/x509/index.ts';
import { columns } from './columns.ts';
import type { Command, Context } from './command.ts';
import { adminKubeconfig, connect, Fatal, value } from './command.ts';
import { hostPort } from '../../../emulator/machinery/ipv6.ts';

const pattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const type = 'bootstrap.kubernetes.io/token';
const namespace = 'kube-system';
const kubeconfig = { '--kubeconfig': value('kubeconfig'), '--dry-run': { name: 'dry-run' } };
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomToken(sys: Sys): string {
  const some = (length: number): string => Array.from({ length }, () => alphabet[sys.kernel.random.below(36)]).join('');
  return `${some(6)}.${some(16)}`;
}

export const generateToken: Command = {
  *run({ sys }) {
    yield* sys.print(1, `${randomToken(sys)}\n`);
    return 0;
  },
};

function tokenSecret(sys: Sys, token: string, { flags }: Context): Secret {
  const [, id, secret] = pattern.exec(token)!;
  const ttlMs = parseDuration(flags.get('ttl') ?? '24h');
  if (ttlMs === undefined)
    throw new Fatal(`invalid argument "${flags.get('ttl')}" for "--ttl" flag: time: invalid duration "${flags.get('ttl')}"`);
  const usages = (flags.get('usages') ?? 'signing,authentication').split(',');
  const unknown = usages.find((usage) => usage !== 'signing' && usage !== 'authentication');
  if (unknown !== undefined)
    throw new Fatal(`usages: Invalid value: "${unknown}": invalid bootstrap token usage string: valid usage: signing,authentication`, 3);
  const data: Record<string, string> = {
    'token-id': id!,
    'token-secret': secret!,
    ...(flags.get('description') ? { description: flags.get('description')! } : {}),
    ...(ttlMs > 0 ? { expiration: formatTime(Math.floor((sys.kernel.clock.unixMs + ttlMs) / 1000) * 1000) } : {}),
    ...Object.fromEntries(usages.map((usage) => [`usage-bootstrap-${usage}`, 'true'])),
    'auth-extra-groups': flags.get('groups') ?? 'system:bootstrappers:kubeadm:default-node-token',
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace },
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(utf8(text))])),
  } as Secret;
}

/** What a worker would type to come in. */
function* joinCommand(context: Context, token: string): Call<string> {
  const { sys, flags } = context;
  const { server, authorities } = loadKubeconfig(sys.fs, sys.path(flags.get('kubeconfig') ?? adminKubeconfig));
  const [authority] = authorities?.() ?? [];
  if (!authority) throw new Fatal('failed to get join command: no CA certificate found in the kubeconfig');
  return `kubeadm join ${hostPort(server.ip, server.port)} --token ${token} --discovery-token-ca-cert-hash sha256:${publicKeyHash(authority)} `;
}

export const createToken: Command = {
  flags: {
    ...kubeconfig,
    '--ttl': value('ttl'),
    '--usages': value('usages'),
    '--groups': value('groups'),
    '--description': value('description'),
    '--print-join-command': { name: 'print-join-command' },
  },
  maxWords: 1,
  *run(context) {
    const { sys, words, flags } = context;
    const token = words[0] ?? randomToken(sys);
    if (!pattern.test(token))
      throw new Fatal(`the bootstrap token "${token}" was not of the form "\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z"`);
    const client = connect(context);
    const secret = tokenSecret(sys, token, context);
    try {
      yield* client.create(secrets, secret);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      throw new Fatal(`a token with id "${token.slice(0, 6)}" already exists`);
    }
    yield* sys.print(1, flags.has('print-join-command') ? `${yield* joinCommand(context, token)}\n` : `${token}\n`);
    return 0;
  },
};

const text = ({ data }: Secret, key: string): string => textOf(fromBase64(data?.[key] ?? '')!);

function row(sys: Sys, secret: Secret): string[] {
  const expiration = text(secret, 'expiration');
  const usages = ['authentication', 'signing'].filter((usage) => text(secret, `usage-bootstrap-${usage}`) === 'true');
  return [
    `${text(secret, 'token-id')}.${text(secret, 'token-secret')}`,
    expiration === '' ? '<forever>' : shortHumanDuration((parseTime(expiration) ?? 0) - sys.kernel.clock.unixMs),
    expiration === '' ? '<never>' : expiration,
    usages.join(',') || '<none>',
    text(secret, 'description') || '<none>',
    text(secret, 'auth-extra-groups') || '<none>',
  ];
}

export const listTokens: Command = {
  flags: kubeconfig,
  *run(context) {
    const { sys } = context;
    const { items } = yield* connect(context).list(secrets, { namespace, fieldSelector: `type=${type}` });
    yield* sys.print(
      1,
      columns([['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'], ...items.map((item) => row(sys, item))]),
    );
    return 0;
  },
};

export const deleteToken: Command = {
  flags: kubeconfig,
  maxWords: Number.POSITIVE_INFINITY,
  *run(context) {
    const { sys, words } = context;
    if (words.length === 0) throw new Fatal('missing subcommand; "token delete" is missing token of form ["^([a-z0-9]{6})$"]');
    const client = connect(context);
    for (const word of words) {
      const id = pattern.exec(word)?.[1] ?? (/^[a-z0-9]{6}$/.test(word) ? word : undefined);
      if (id === undefined)
        throw new Fatal(
          `given token "${word}" didn't match pattern "\\\\A([a-z0-9]{6})\\\\z" or "\\\\A([a-z0-9]{6})\\\\.([a-z0-9]{16})\\\\z"`,
        );
      try {
        yield* client.delete(secrets, { namespace, name: `bootstrap-token-${id}` });
      } catch (error) {
        if (!isNotFound(error)) throw error;
        throw new Fatal(`failed to delete bootstrap token "${id}": ${error.message}`);
      }
      yield* sys.print(1, `bootstrap token "${id}" deleted\n`);
    }
    return 0;
  },
};
