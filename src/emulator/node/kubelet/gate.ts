/**
 * Who may ask the kubelet: client certificates of the cluster's authority, bearer tokens that the API server reviews, and for
 * everything the API server's own answer to "may this user do that to nodes/…" (upstream pkg/kubelet/server/auth.go, server.go).
 */
import { subjectAccessReviews } from '../../api/authorization/access-review.ts';
import { tokenReviews } from '../../api/authentication/review.ts';
import type { SubjectAccessReview, TokenReview } from '../../api/generated/types.ts';
import type { SessionClient } from '../../client/index.ts';
import type { Call, FileSystem, HttpRequest, HttpResponse, Kernel, Peer } from '../../kernel/index.ts';
import { isErrno, utf8 } from '../../kernel/index.ts';
import type { Draft } from '../../machinery/objects.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Certificate } from '../../machinery/x509/index.ts';
import { certificatesIn, certificatesOf, clientProblem, IssuedCertificate } from '../../machinery/x509/index.ts';

/** `authentication` and `authorization` of the configuration. */
export interface GateSettings {
  readonly isAnonymousAllowed: boolean;
  readonly reviewsTokens: boolean;
  readonly clientCAFile: string | undefined;
  /** `Webhook` asks the API server, `AlwaysAllow` nobody. */
  readonly mode: string;
}

export interface GateOptions {
  readonly kernel: Kernel;
  readonly client: SessionClient;
  readonly fs: FileSystem;
  readonly nodeName: string;
  readonly settings: GateSettings;
  readonly log: (text: string) => void;
}

interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** How long an answer of the API server counts (cacheTTL, cacheAuthorizedTTL, cacheUnauthorizedTTL). */
const cacheMs = { token: 120_000, allowed: 300_000, denied: 30_000 } as const;

const text = (status: number, body: string): HttpResponse => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body: utf8(body),
});

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  HEAD: 'get',
};

/** Subresources of nodes that stand for a path; the first that is allowed will do (KubeletFineGrainedAuthz). */
export function subresourcesOf(target: string): readonly string[] {
  const [first = ''] = target.split('?')[0]!.split('/').slice(1);
  switch (first) {
    case 'stats':
      return ['stats'];
    case 'metrics':
      return ['metrics'];
    case 'logs':
      return ['log'];
    case 'checkpoint':
      return ['checkpoint'];
    case 'pods':
    case 'runningpods':
      return ['pods', 'proxy'];
    case 'healthz':
      return ['healthz', 'proxy'];
    case 'configz':
      return ['configz', 'proxy'];
    default:
      return ['proxy'];
  }
}

/** The certificate that came with a connection, as clients of this emulator show one. */
function shown(certificate: unknown): Certificate | undefined {
  if (certificate instanceof IssuedCertificate) return certificate;
  if (typeof certificate !== 'object' || certificate === null || !('certificate' in certificate)) return undefined;
  const { issued, certificate: pem } = certificate as { readonly issued?: IssuedCertificate; readonly certificate: string };
  return issued ?? certificatesOf(pem)[0];
}

export class Gate {
  readonly #options: GateOptions;
  readonly #answers = new Map<string, { readonly untilMs: number; readonly isAllowed: boolean }>();
  readonly #users = new Map<string, { readonly untilMs: number; readonly user: User | undefined }>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** What whoever asks hears instead of an answer; undefined lets the request in. */
  *refusal(request: HttpRequest, peer: Peer): Call<HttpResponse | undefined> {
    const { settings, log } = this.#options;
    try {
      const user = yield* this.#identify(request, peer);
      if (!user) return text(401, 'Unauthorized');
      if (settings.mode === 'AlwaysAllow') return undefined;
      return yield* this.#authorize(user, request);
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      log(`"Failed to authorize the request" err=${JSON.stringify(error.message)}`);
      return text(500, `Authorization error (${error.message})`);
    }
  }

  *#identify({ headers }: HttpRequest, { certificate }: Peer): Call<User | undefined> {
    const { settings, fs, kernel, log } = this.#options;
    const leaf = shown(certificate);
    if (leaf && settings.clientCAFile !== undefined) {
      const problem = clientProblem(leaf, certificatesIn(fs, settings.clientCAFile), kernel.clock.unixMs);
      if (problem === undefined) {
        const { commonName, organizations = [] } = leaf.subject;
        return { name: commonName, groups: [...organizations, 'system:authenticated'] };
      }
      log(
        `"Unable to authenticate the request due to an error" err=${JSON.stringify(`verifying certificate SN=${BigInt(`0x${leaf.serialNumber}`)} failed: ${problem}`)}`,
      );
    }
    const token = /^bearer +(\S+)\s*$/i.exec(headers.authorization ?? '')?.[1];
    if (token !== undefined && settings.reviewsTokens) return yield* this.#review(token);
    if (leaf || token !== undefined || !settings.isAnonymousAllowed) return undefined;
    return { name: 'system:anonymous', groups: ['system:unauthenticated'] };
  }

  *#review(token: string): Call<User | undefined> {
    const { client, kernel } = this.#options;
    const known = this.#users.get(token);
    if (known && known.untilMs > kernel.loop.now) return known.user;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: {}, spec: { token } };
    const { status } = yield* client.create(tokenReviews, review as unknown as Draft<TokenReview>);
    const user = status?.authenticated ? { name: status.user?.username ?? '', groups: status.user?.groups ?? [] } : undefined;
    if (this.#users.size >= 256) this.#users.clear();
    this.#users.set(token, { untilMs: kernel.loop.now + cacheMs.token, user });
    return user;
  }

  *#authorize(user: User, { method, target }: HttpRequest): Call<HttpResponse | undefined> {
    const verb = verbs[method] ?? method.toLowerCase();
    const subresources = subresourcesOf(target);
    for (const subresource of subresources) if (yield* this.#isAllowed(user, verb, subresource)) return undefined;
    return text(403, `Forbidden (user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])\n`);
  }

  *#isAllowed(user: User, verb: string, subresource: string): Call<boolean> {
    const { client, kernel, nodeName } = this.#options;
    const key = `${user.name}/${user.groups.join()}/${verb}/${subresource}`;
    const known = this.#answers.get(key);
    if (known && known.untilMs > kernel.loop.now) return known.isAllowed;
    const spec = {
      user: user.name,
      groups: user.groups,
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName },
    };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec };
    const { status } = yield* client.create(subjectAccessReviews, review as unknown as Draft<SubjectAccessReview>);
    const isAllowed = status?.allowed ?? false;
    if (this.#answers.size >= 256) this.#answers.clear();
    this.#answers.set(key, { untilMs: kernel.loop.now + (isAllowed ? cacheMs.allowed : cacheMs.denied), isAllowed });
    return isAllowed;
  }
}
