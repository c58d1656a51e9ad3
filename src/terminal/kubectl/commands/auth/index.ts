/** kubectl auth can-i and whoami. Upstream: kubectl/pkg/cmd/auth. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { completeTypes } from '../../completion.ts';
import { compactRules, type Row } from '../../describe/rbac.ts';
import { CommandError, NoResourceMatch, Quit } from '../../errors.ts';
import { allNamespacesFlag, noHeadersFlag, printFlags, quietFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { outputPrinter } from '../../printers/print-flags.ts';
import { TabWriter } from '../../printers/tabwriter.ts';
import type { ApiResource } from '../../rest/discovery.ts';
import { reconcile } from './reconcile.ts';

const knownVerbs = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'use',
  'bind',
  'impersonate',
  '*',
  'approve',
  'sign',
  'escalate',
  'attest',
];

const canI: Command = {
  name: 'can-i',
  short: 'Check whether an action is allowed',
  usage: 'auth can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  examples: [
    'auth can-i create pods --all-namespaces',
    'auth can-i list deployments.apps',
    'auth can-i --list --namespace=shop',
    'auth can-i get pods --as=system:serviceaccount:default:app',
  ],
  flags: [
    allNamespacesFlag,
    flag('list', 'bool', false, 'Show everything that is allowed.'),
    noHeadersFlag,
    quietFlag,
    flag('subresource', 'string', '', 'A subresource, e.g. log or status.'),
  ],
  *complete(invocation, args, word) {
    return args.length === 0 ? knownVerbs.slice(0, 8) : args.length === 1 ? yield* completeTypes(invocation, word) : [];
  },
  *run(invocation) {
    const { flags, args } = invocation;
    if (flags.bool('list')) {
      if (args.length !== 0) throw new CommandError('list option must be specified with no arguments');
      return yield* listRules(invocation);
    }
    if (flags.bool('no-headers')) throw new CommandError('--no-headers cannot be set without --list specified');
    if (args.length !== 2)
      throw new CommandError(
        "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
      );
    const [verb, subject] = args as [string, string];
    const spec = subject.startsWith('/')
      ? { nonResourceAttributes: { path: subject, verb } }
      : { resourceAttributes: yield* resourceAttributes(invocation, verb, subject) };
    if (subject.startsWith('/') && flags.string('subresource') !== '')
      throw new CommandError('--subresource can not be used with NonResourceURL');
    const review: Json = yield* invocation.client.request({
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {}, spec },
    });
    const { allowed, reason, evaluationError } = review.status;
    if (!flags.bool('quiet')) {
      const details = `${reason ? ` - ${reason}` : ''}${evaluationError ? ` - ${evaluationError}` : ''}`;
      yield* invocation.out(allowed ? 'yes\n' : `no${details}\n`);
    }
    if (!allowed) throw new Quit(1);
    return 0;
  },
};

function* resourceAttributes(invocation: Invocation, verb: string, subject: string): Call<Json> {
  const { flags } = invocation;
  const [type, name] = subject.split('/') as [string, string | undefined];
  if (!knownVerbs.includes(verb)) yield* invocation.err(`Warning: verb '${verb}' is not a known verb\n\n`);
  const resource = yield* findResource(invocation, type);
  if (resource && !resource.isNamespaced && !flags.bool('all-namespaces')) {
    yield* invocation.err(
      `Warning: resource '${resource.resource}' is not namespace scoped${resource.group === '' ? '' : ` in group '${resource.group}'`}\n\n`,
    );
  }
  if (!resource && type !== '*') {
    const dot = type.indexOf('.');
    yield* invocation.err(
      `Warning: the server doesn't have a resource type '${dot < 0 ? type : type.slice(0, dot)}'${dot < 0 ? '' : ` in group '${type.slice(dot + 1)}'`}\n\n`,
    );
  }
  const dot = type.indexOf('.');
  const named = resource ?? {
    resource: dot < 0 ? type : type.slice(0, dot),
    group: dot < 0 ? (type === '*' ? '*' : '') : type.slice(dot + 1),
  };
  return {
    ...(!flags.bool('all-namespaces') && { namespace: invocation.namespace }),
    verb,
    ...(named.group !== '' && { group: named.group }),
    resource: named.resource,
    ...(flags.string('subresource') !== '' && { subresource: flags.string('subresource') }),
    ...(name !== undefined && { name }),
  };
}

function* findResource(invocation: Invocation, type: string): Call<ApiResource | undefined> {
  if (type === '*') return undefined;
  try {
    const mapper = yield* invocation.mapper();
    return yield* mapper.resource(type);
  } catch (error) {
    if (error instanceof NoResourceMatch) return undefined;
    throw error;
  }
}

function* listRules(invocation: Invocation): Call<number> {
  const review: Json = yield* invocation.client.request({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      metadata: {},
      spec: { namespace: invocation.namespace },
    },
  });
  if (review.status.incomplete) yield* invocation.err(`warning: the list may be incomplete: ${review.status.evaluationError ?? ''}\n`);
  const writer = new TabWriter();
  if (!invocation.flags.bool('no-headers')) writer.write('Resources\tNon-Resource URLs\tResource Names\tVerbs\n');
  const rows = [...compactRules(review.status.resourceRules ?? []), ...urlRows(review.status.nonResourceRules ?? [])];
  for (const row of rows) writer.write(`${row.resource}\t[${row.url}]\t[${row.name}]\t[${row.verbs.join(' ')}]\n`);
  yield* invocation.out(writer.flush());
  return 0;
}

/** Paths are not joined: each has a row for each rule and verb. */
function urlRows(rules: readonly Json[]): readonly Pick<Row, 'resource' | 'url' | 'name' | 'verbs'>[] {
  const rows = rules.flatMap((rule) =>
    (rule.nonResourceURLs ?? []).flatMap((url: string) =>
      rule.verbs.map((verb: string) => ({ resource: '', url, name: '', verbs: [verb] })),
    ),
  );
  const key = (row: (typeof rows)[number]): string => `[${row.verbs[0]}] ${row.url}]`;
  return rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

const whoami: Command = {
  name: 'whoami',
  short: 'Experimental: Check self subject attributes',
  usage: 'auth whoami',
  flags: printFlags,
  *run(invocation) {
    const printer = yield* outputPrinter(invocation);
    const review: Json = yield* invocation.client.request({
      method: 'POST',
      path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} },
    });
    if (printer) {
      yield* invocation.out(printer(review));
      return 0;
    }
    const user = review.status.userInfo;
    const writer = new TabWriter();
    writer.write(`ATTRIBUTE\tVALUE\nUsername\t${user.username}\n`);
    if (user.uid) writer.write(`UID\t${user.uid}\n`);
    if (user.groups?.length > 0) writer.write(`Groups\t[${user.groups.join(' ')}]\n`);
    for (const [key, values] of Object.entries<string[]>(user.extra ?? {}).sort()) writer.write(`Extra: ${key}\t[${values.join(' ')}]\n`);
    yield* invocation.out(writer.flush());
    return 0;
  },
};

export const auth: Command = {
  name: 'auth',
  short: 'Inspect authorization',
  usage: 'auth [flags]',
  subcommands: [canI, reconcile, whoami],
};
