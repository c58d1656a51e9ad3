/** Service account tokens for the Pods of this node (upstream pkg/kubelet/token): bound to the Pod, kept until they are old. */
import { serviceAccounts } from '../../api/core/service-account.ts';
import type { Pod, ServiceAccountTokenProjection } from '../../api/generated/types.ts';
import type { Client, Credential } from '../../client/index.ts';
import type { ByteString, Call, Kernel } from '../../kernel/index.ts';
import { noBytes, parseTime, utf8 } from '../../kernel/index.ts';

interface TokenAnswer {
  readonly status?: TokenStatus;
}

/** As the API server issued it: the token is signed when it is read. */
interface TokenStatus {
  readonly token?: string;
  readonly expirationTimestamp?: string;
}

interface Kept {
  readonly status: TokenStatus;
  /** Virtual milliseconds after which another one is fetched: at 80 % of its life, or after a day. */
  readonly refreshMs: number;
}

const dayMs = 86_400_000;

export class TokenSource {
  readonly #kernel: Kernel;
  readonly #client: Client;
  readonly #kept = new Map<string, Kept>();

  constructor(kernel: Kernel, client: Client) {
    this.#kernel = kernel;
    this.#client = client;
  }

  /**
   * The token that a file of a projected volume holds now.
   * Differs from Kubernetes: it is asked for when the file is first read, not when the volume is set up.
   */
  read(pod: Pod, projection: ServiceAccountTokenProjection): ByteString {
    const token = this.#current(pod, projection)?.token;
    return token === undefined ? noBytes : utf8(token);
  }

  /** The same as a credential, for a component that need not see the token itself. */
  credential(pod: Pod, projection: ServiceAccountTokenProjection): Credential | undefined {
    const issued = this.#current(pod, projection);
    return (
      issued && {
        type: 'token',
        issued,
        get token() {
          return issued.token ?? '';
        },
      }
    );
  }

  #current(pod: Pod, projection: ServiceAccountTokenProjection): TokenStatus | undefined {
    const key = `${pod.metadata.uid}/${projection.audience ?? ''}/${projection.expirationSeconds ?? 3600}`;
    const kept = this.#kept.get(key);
    const { loop } = this.#kernel;
    if (kept && loop.now < kept.refreshMs) return kept.status;
    const call = this.#request(pod, projection);
    try {
      const step = call.next();
      // A server that cannot answer at once leaves the file as it was.
      if (!step.done || !step.value) return kept?.status;
      this.#kept.set(key, step.value);
      return step.value.status;
    } catch {
      return kept?.status;
    }
  }

  forget(uid: string): void {
    for (const key of this.#kept.keys()) if (key.startsWith(uid)) this.#kept.delete(key);
  }

  *#request(pod: Pod, { audience, expirationSeconds = 3600 }: ServiceAccountTokenProjection): Call<Kept | undefined> {
    const { name, namespace = '', uid } = pod.metadata;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: { audiences: audience ? [audience] : [], expirationSeconds, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } },
    };
    const answer = yield* this.#client.act<TokenAnswer>(
      serviceAccounts,
      { namespace, name: pod.spec.serviceAccountName ?? 'default' },
      'token',
      body,
    );
    const { status } = answer;
    if (status === undefined) return undefined;
    const { expirationTimestamp } = status;
    const { clock, loop } = this.#kernel;
    const lifeMs = expirationTimestamp ? parseTime(expirationTimestamp)! - clock.unixMs : expirationSeconds * 1000;
    return { status, refreshMs: loop.now + Math.min(lifeMs * 0.8, dayMs) };
  }
}
