/**
 * An admission webhook to learn with: it refuses by label or image, and adds labels where it is called under a path that begins
 * with `/mutate`. It converts custom resources too (`conversion.ts`), judges images
 * for the plugin ImagePolicyWebhook, answers the Webhook authorizer, and prints what an audit webhook gets.
 *
 * - `--service=NAME.NAMESPACE.svc` names it in its certificate. Without `--tls-cert-file` and `--tls-private-key-file` it makes
 *   an authority of its own, and prints what belongs into `caBundle`.
 * - Rules are flags, or lines of the files below `--rules` (a mounted ConfigMap), read anew for each review.
 */
import type { Call, HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { base64, OpenFile, textOf, utf8 } from '../../kernel/index.ts';
import type { ByteString } from '../../kernel/index.ts';
import { CertificateAuthority } from '../../machinery/x509/index.ts';
import { serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { busyboxFiles } from '../userland.ts';
import type { AccessReview } from './access.ts';
import { judgeAccess } from './access.ts';
import type { ConversionRequest } from './conversion.ts';
import { convertAll } from './conversion.ts';
import type { ReviewRequest } from './review.ts';
import { respond } from './review.ts';
import type { Rules } from './rules.ts';
import { readRules, ruleNames } from './rules.ts';

const serverFlags = ['port', 'service', 'rules', 'tls-cert-file', 'tls-private-key-file'];

interface Flags {
  readonly server: ReadonlyMap<string, string>;
  readonly rules: readonly string[];
}

/** Undefined with the word that is no flag. */
function readFlags(argv: readonly string[]): Flags | { readonly wrong: string } {
  const server = new Map<string, string>();
  const rules: string[] = [];
  for (const word of argv) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(word) ?? [];
    if (serverFlags.includes(name)) server.set(name, value);
    else if (ruleNames.includes(name)) rules.push(word);
    else return { wrong: word };
  }
  return { server, rules };
}

function rulesNow(sys: Sys, { server, rules }: Flags): Rules {
  const folder = server.get('rules');
  const lines: string[] = [];
  if (folder !== undefined && sys.fs.find(folder)?.kind === 'directory') {
    for (const name of sys.fs.list(folder)) {
      const path = `${folder}/${name}`;
      if (name.startsWith('..') || sys.fs.find(path)?.kind !== 'file') continue;
      lines.push(...textOf(sys.fs.readFile(path)).split('\n'));
    }
  }
  return readRules([...rules, ...lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))]);
}

/** The certificate to show: that of the files, or one of its own. */
function* certificateFor(sys: Sys, { server }: Flags): Call<() => string> {
  const file = server.get('tls-cert-file');
  if (file !== undefined) return () => textOf(sys.fs.readFile(file));
  const { random, clock } = sys.kernel;
  const authority = new CertificateAuthority(random, 'admission-webhook', clock.unixMs);
  const service = server.get('service') ?? 'localhost';
  const isAddress = /^[\d.]+$/.test(service);
  const issued = authority.issue({
    subject: { commonName: service },
    usages: ['server auth'],
    dnsNames: isAddress ? [] : [service],
    ips: [...sys.net.addresses, ...(isAddress ? [service] : [])],
    notBeforeMs: clock.unixMs,
  });
  yield* sys.print(
    1,
    `certificate for ${service}, signed by an authority of its own\ncaBundle: ${base64(utf8(authority.certificate.pem))}\n`,
  );
  return () => issued.pem;
}

const json = (status: number, body: object): HttpResponse => ({ status, headers: { 'content-type': 'application/json' }, body });

function* review(sys: Sys, flags: Flags, { target, body }: HttpRequest): Call<HttpResponse> {
  const { path } = targetPath(target);
  if (path === '/healthz') return { status: 200, headers: { 'content-type': 'text/plain' }, body: utf8('ok') };
  let rules: Rules;
  try {
    rules = rulesNow(sys, flags);
  } catch (error) {
    yield* sys.print(2, `${(error as Error).message}\n`);
    return { status: 500, headers: { 'content-type': 'text/plain' }, body: utf8((error as Error).message) };
  }
  if (rules.delayMs > 0) yield* sys.kernel.sleep(rules.delayMs);
  if (rules.failWith !== undefined)
    return { status: rules.failWith, headers: { 'content-type': 'text/plain' }, body: utf8('told to fail') };
  const sent = typeof body === 'string' ? JSON.parse(textOf(body as ByteString)) : body instanceof OpenFile ? undefined : body;
  switch ((sent as { readonly kind?: string } | undefined)?.kind) {
    case 'ConversionReview':
      return yield* convert(sys, sent as ConversionReview, rules);
    case 'EventList':
      return yield* noteEvents(sys, sent as EventList);
    case 'ImageReview':
      return yield* judgeImages(sys, sent as ImageReview, rules);
    case 'SubjectAccessReview':
      return yield* reviewAccess(sys, sent as AccessReview, rules);
  }
  const { request, apiVersion } = (sent ?? {}) as { readonly request?: ReviewRequest; readonly apiVersion?: string };
  if (!request) return { status: 400, headers: { 'content-type': 'text/plain' }, body: utf8('no AdmissionReview') };
  const response = respond(request, rules, path.startsWith('/mutate'));
  const verdict = response.allowed ? (response.patch === undefined ? 'allowed' : 'patched') : `denied: ${response.status?.message}`;
  const name = request.name || request.object?.metadata?.name || '';
  const where = request.namespace ? `${request.namespace}/${name}` : name;
  yield* sys.print(1, `${request.operation} ${request.resource.resource} ${where} by ${request.userInfo.username}: ${verdict}\n`);
  return json(200, { kind: 'AdmissionReview', apiVersion, response });
}

interface EventList {
  readonly items?: readonly {
    readonly verb?: string;
    readonly stage?: string;
    readonly requestURI?: string;
    readonly user?: { readonly username?: string };
    readonly responseStatus?: { readonly code?: number };
  }[];
}

/** What the API server's audit webhook sends. */
function* noteEvents(sys: Sys, { items = [] }: EventList): Call<HttpResponse> {
  for (const { verb, stage, requestURI, user, responseStatus } of items)
    yield* sys.print(1, `audit ${stage} ${verb} ${requestURI} by ${user?.username}: ${responseStatus?.code ?? '-'}\n`);
  return json(200, {});
}

interface ImageReview {
  readonly kind: string;
  readonly apiVersion: string;
  readonly spec: { readonly containers?: readonly { readonly image?: string }[]; readonly namespace?: string };
}

/** The question of the API server's plugin ImagePolicyWebhook. */
function* judgeImages(sys: Sys, { kind, apiVersion, spec }: ImageReview, { denyImages, message }: Rules): Call<HttpResponse> {
  const images = (spec.containers ?? []).map(({ image = '' }) => image);
  const bad = images.find((image) => denyImages.some((prefix) => image.startsWith(prefix)));
  const reason = bad === undefined ? undefined : (message ?? `image "${bad}" is not allowed`);
  yield* sys.print(1, `images ${images.join(',')} in ${spec.namespace}: ${reason === undefined ? 'allowed' : `denied: ${reason}`}\n`);
  return json(200, { kind, apiVersion, status: { allowed: reason === undefined, reason } });
}

function* reviewAccess(sys: Sys, review: AccessReview, rules: Rules): Call<HttpResponse> {
  const { status, line } = judgeAccess(review, rules);
  yield* sys.print(1, `${line}\n`);
  return json(200, { ...review, status });
}

interface ConversionReview {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: ConversionRequest;
}

function* convert(sys: Sys, { kind, apiVersion, request }: ConversionReview, rules: Rules): Call<HttpResponse> {
  const response = convertAll(request, rules);
  const verdict = response.result.status === 'Success' ? 'converted' : response.result.message;
  for (const object of request.objects) {
    const { name = '', namespace } = (object.metadata ?? {}) as { readonly name?: string; readonly namespace?: string };
    const where = namespace ? `${namespace}/${name}` : name;
    yield* sys.print(1, `${object.kind} ${where} from ${object.apiVersion} to ${request.desiredAPIVersion}: ${verdict}\n`);
  }
  return json(200, { kind, apiVersion, response });
}

const program: Program = function* (sys) {
  const flags = readFlags(sys.argv.slice(1));
  if ('wrong' in flags) {
    yield* sys.print(2, `unknown flag: ${flags.wrong}\nflags: ${[...serverFlags, ...ruleNames].map((name) => `--${name}=`).join(' ')}\n`);
    return 2;
  }
  const port = Number(flags.server.get('port') ?? 8443);
  const certificate = yield* certificateFor(sys, flags);
  const listener = sys.net.listen(port, { isTls: true, certificate, http: (request) => review(sys, flags, request) });
  sys.own(() => listener.close());
  yield* sys.print(1, `listening on :${port}\n`);
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
};

/** The image of the webhook. */
export const admissionWebhook: ImageDefinition = {
  repository: 'ghcr.io/inside-kubernetes/admission-webhook',
  versions: [{ tags: ['1.0', 'latest'], sizeBytes: 8_400_000 }],
  config: { entrypoint: ['/admission-webhook'], exposedPorts: [8443] },
  files: (_version, programs) => ({ ...busyboxFiles(programs), '/admission-webhook': program }),
};
