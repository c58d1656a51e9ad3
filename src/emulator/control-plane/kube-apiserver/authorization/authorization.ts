/**
 * The chain of authorizers, which a file may change while the server runs. Upstream: pkg/kubeapiserver/authorizer/reload.go,
 * apiserver/pkg/authorization/union.
 */
import type { Call } from '../../../kernel/index.ts';
import { aggregateText } from '../../../machinery/field-error.ts';
import { followFile } from '../follow-file.ts';
import type { Log } from '../follow-file.ts';
import type { UserInfo } from '../request.ts';
import type { ApiServer } from '../server.ts';
import type { Attributes, Authorizer, Decision, RemoteAuthorizer } from './attributes.ts';
import type { ConfiguredAuthorizer } from './configuration.ts';
import { NodeAuthorizer, nodeNameOf } from './node.ts';
import type { PolicyRule } from './rules.ts';
import { WebhookAuthorizer } from './webhook.ts';

export interface AuthorizationOptions {
  /** In the order in which they are asked. */
  readonly authorizers: readonly ConfiguredAuthorizer[];
  readonly log?: Log | undefined;
  /** The file of `--authorization-config`; `read` throws an Error for a content that is wrong. */
  readonly file?: { readonly text: () => string; readonly read: (content: string) => readonly ConfiguredAuthorizer[] } | undefined;
}

const superuser: Authorizer = {
  authorize: ({ user }) => (user.groups.includes('system:masters') ? { verdict: 'allow', reason: '' } : { verdict: 'none', reason: '' }),
};

const always: Readonly<Record<'AlwaysAllow' | 'AlwaysDeny', Authorizer>> = {
  AlwaysAllow: { authorize: () => ({ verdict: 'allow', reason: '' }) },
  AlwaysDeny: { authorize: () => ({ verdict: 'none', reason: 'Everything is forbidden.' }) },
};

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

export class Authorization {
  readonly #server: ApiServer;
  readonly #options: AuthorizationOptions;
  #configured: readonly ConfiguredAuthorizer[] = [];
  #chain: readonly (Authorizer | RemoteAuthorizer)[] = [];
  #isLocal = true;

  constructor(server: ApiServer, options: AuthorizationOptions) {
    this.#server = server;
    this.#options = options;
    this.#use(options.authorizers);
    if (options.file) this.#follow(options.file);
  }

  /** Asks each authorizer in turn, and waits for those that ask somebody else. */
  *ask(attributes: Attributes): Call<Decision> {
    if (this.#isLocal) return this.decide(attributes);
    const heard = new Opinions();
    for (const authorizer of this.#chain) {
      const decision = 'ask' in authorizer ? yield* authorizer.ask(attributes) : authorizer.authorize(attributes);
      if (heard.add(decision)) return decision;
    }
    return heard.undecided;
  }

  /**
   * As `ask`, for who cannot wait.
   *
   * Differs from Kubernetes: expressions that ask the authorizer, and the checks of the verbs escalate and bind, hear of a
   * webhook only what it answered before.
   */
  decide(attributes: Attributes): Decision {
    const heard = new Opinions();
    for (const authorizer of this.#chain) {
      const decision = 'ask' in authorizer ? authorizer.remembered(attributes) : authorizer.authorize(attributes);
      if (decision && heard.add(decision)) return decision;
    }
    return heard.undecided;
  }

  /** What a user may do in a namespace, as far as the authorizers can list it, and why that may not be all. */
  rulesFor(user: UserInfo, namespace: string): { readonly rules: readonly PolicyRule[]; readonly problems: readonly string[] } {
    const rules: PolicyRule[] = [];
    const problems: string[] = [];
    for (const { type } of this.#configured) {
      if (type === 'AlwaysAllow') rules.push(...everything);
      else if (type === 'Webhook') problems.push('webhook authorizer does not support user rule resolution');
      else if (type === 'Node' && nodeNameOf(user) !== undefined) problems.push('node authorizer does not support user rule resolution');
      else if (type === 'RBAC') {
        const found = this.#server.rbac.rulesFor(user, namespace);
        rules.push(...found.rules.map(({ rule }) => rule.source));
        if (found.errors.length > 0) problems.push(aggregateText(found.errors));
      }
    }
    return { rules, problems };
  }

  #use(configured: readonly ConfiguredAuthorizer[]): void {
    this.#configured = configured;
    this.#chain = [superuser, ...configured.map((one) => this.#make(one))];
    this.#isLocal = !configured.some(({ type }) => type === 'Webhook');
  }

  #make(configured: ConfiguredAuthorizer): Authorizer | RemoteAuthorizer {
    const server = this.#server;
    switch (configured.type) {
      case 'Node':
        return new NodeAuthorizer(
          {
            pods: server.store('pods'),
            claims: server.store('persistentvolumeclaims'),
            attachments: server.store('volumeattachments', 'storage.k8s.io/v1'),
          },
          server.options.nodeRules,
        );
      case 'RBAC':
        return server.rbac;
      case 'Webhook':
        return new WebhookAuthorizer(server, configured.webhook, (message) => this.#options.log?.('E', 'webhook.go:269', message));
      default:
        return always[configured.type];
    }
  }

  #follow({ text, read }: NonNullable<AuthorizationOptions['file']>): void {
    // Unverified: the lines of reload.go.
    const log = (severity: 'I' | 'E', message: string): void => this.#options.log?.(severity, 'reload.go:288', message);
    followFile(this.#server, text, {
      changed: (content) => {
        log('I', '"authorization config changed, loading"');
        this.#use(read(content));
        log('I', '"reloaded authz config"');
      },
      failed: (error) => log('E', `"reloading authorization config" err=${JSON.stringify(error.message)}`),
    });
  }
}

/** What those said who did not decide. */
class Opinions {
  readonly #reasons: string[] = [];
  readonly #errors: string[] = [];

  /** Whether the question has ended. */
  add({ verdict, reason, error }: Decision): boolean {
    if (reason !== '') this.#reasons.push(reason);
    if (error !== undefined) this.#errors.push(error);
    return verdict !== 'none';
  }

  get undecided(): Decision {
    const error = this.#errors.length === 0 ? undefined : aggregateText(this.#errors);
    return { verdict: 'none', reason: this.#reasons.join('\n'), error };
  }
}
