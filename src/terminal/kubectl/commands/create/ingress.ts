/** kubectl create ingress. Upstream: kubectl/pkg/cmd/create/create_ingress.go. */
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Json } from '../../json.ts';
import { createGenerated, generatorFlags, nameOf } from './generated.ts';

const ruleForm = /^[\w*\-.]*\/.*=[\w-]+:[\w-]+(,tls=?([\w-]+)?)?/;

export const createIngress: Command = {
  name: 'ingress',
  aliases: ['ing'],
  short: 'Create an ingress with the specified name',
  usage: 'create ingress NAME --rule=host/path=service:port[,tls[=secret]] ',
  examples: [
    'create ingress web --class=nginx --rule="shop.example.com/*=web:80"',
    'create ingress web --rule="shop.example.com/cart=cart:8080,tls=shop-cert"',
  ],
  flags: [
    ...generatorFlags,
    flag('annotation', 'array', [], 'An annotation, KEY=VALUE.'),
    flag('class', 'string', '', 'The IngressClass.'),
    flag('default-backend', 'string', '', 'The Service for all else, NAME:PORT.'),
    flag('rule', 'array', [], 'HOST/PATH=SERVICE:PORT[,tls[=SECRET]]. A path that ends in * is a prefix.'),
  ],
  *run(invocation) {
    const { flags } = invocation;
    const name = nameOf(invocation);
    const rules = flags.list('rule');
    const annotations = flags.list('annotation');
    const fallback = flags.string('default-backend');
    check(rules, annotations, fallback);
    const pairs = annotations.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]);
    const tls = tlsOf(rules);
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { ...(pairs.length > 0 && { annotations: Object.fromEntries(pairs) }), name },
      spec: {
        ...(fallback !== '' && { defaultBackend: backendOf(fallback) }),
        ...(flags.string('class') !== '' && { ingressClassName: flags.string('class') }),
        ...(rules.length > 0 && { rules: rulesOf(rules) }),
        ...(tls.length > 0 && { tls }),
      },
      status: { loadBalancer: {} },
    };
    return yield* createGenerated(
      invocation,
      { root: '/apis/networking.k8s.io/v1', resource: 'ingresses', isNamespaced: true },
      object,
      'failed to create ingress:',
    );
  },
};

function check(rules: readonly string[], annotations: readonly string[], fallback: string): void {
  if (fallback === '' && rules.length === 0)
    throw new CommandError(
      'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
    );
  for (const rule of rules) {
    if (!ruleForm.test(rule))
      throw new CommandError(`rule ${rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`);
  }
  for (const annotation of annotations)
    if (!annotation.includes('=')) throw new CommandError(`annotation ${annotation} is invalid and should be in format key=[value]`);
  if (fallback !== '' && fallback.split(':').length !== 2)
    throw new CommandError('default-backend should be in format servicename:serviceport');
}

function backendOf(text: string): Json {
  const [name, port = ''] = text.split(':');
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } };
}

/** One rule a host; its paths in the order in which they were given. */
function rulesOf(texts: readonly string[]): readonly Json[] {
  const byHost = new Map<string, Json[]>();
  for (const text of texts) {
    const [place = ''] = text.split(',');
    const slash = place.indexOf('/');
    const host = place.slice(0, slash);
    const [path = '', service = ''] = place.slice(slash).split('=');
    const isPrefix = path.endsWith('*');
    const paths = byHost.get(host) ?? [];
    byHost.set(host, paths);
    paths.push({ backend: backendOf(service), path: isPrefix ? path.slice(0, -1) : path, pathType: isPrefix ? 'Prefix' : 'Exact' });
  }
  return [...byHost].map(([host, paths]) => ({ ...(host !== '' && { host }), http: { paths } }));
}

/** One entry a Secret; a host stands in one of them only. */
function tlsOf(texts: readonly string[]): readonly Json[] {
  const entries: { hosts?: string[]; secretName?: string }[] = [];
  const hosts = new Set<string>();
  for (const text of texts) {
    const [place = '', tls, ...rest] = text.split(',');
    const host = place.slice(0, place.indexOf('/'));
    if (tls === undefined || rest.length > 0 || hosts.has(host)) continue;
    const secret = tls.split('=')[1] ?? '';
    hosts.add(host);
    const entry = entries.find(({ secretName = '' }) => secretName === secret);
    if (entry) (entry.hosts ??= []).push(host);
    else if (host !== '' || secret !== '')
      entries.push({ ...(host !== '' && { hosts: [host] }), ...(secret !== '' && { secretName: secret }) });
  }
  return entries;
}
