/**
 * The Webhook authorizer: a server of one's own is asked with a SubjectAccessReview, and its answers are remembered for a while.
 * Upstream: apiserver/plugin/pkg/authorizer/webhook/webhook.go.
 *
 * Differs from Kubernetes: of a list's selectors the webhook is told the fields, and not the labels.
 */
import type { Call } from '../../../kernel/index.ts';
import { parseFieldSelector } from '../../../machinery/fields.ts';
import { postReviewPatiently } from '../outbound/patient-review.ts';
import { CallError } from '../outbound/service-client.ts';
import type { ApiServer } from '../server.ts';
import type { Attributes, Decision, RemoteAuthorizer } from './attributes.ts';
import type { WebhookSettings } from './configuration.ts';
import { matches } from './match-conditions.ts';

const firstPauseMs = 500;
const maxRemembered = 8192;

/** SubjectAccessReviewStatus. */
interface Answer {
  readonly allowed?: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
}

export class WebhookAuthorizer implements RemoteAuthorizer {
  readonly #server: ApiServer;
  readonly #settings: WebhookSettings;
  readonly #log: (message: string) => void;
  readonly #answers = new Map<string, { readonly answer: Answer; readonly untilMs: number }>();

  constructor(server: ApiServer, settings: WebhookSettings, log: (message: string) => void) {
    this.#server = server;
    this.#settings = settings;
    this.#log = log;
  }

  remembered(attributes: Attributes): Decision | undefined {
    const spec = specOf(attributes);
    const skipped = this.#skipped(spec);
    if (skipped) return skipped;
    const known = this.#known(JSON.stringify(spec));
    return known && decisionOf(known);
  }

  *ask(attributes: Attributes): Call<Decision> {
    const spec = specOf(attributes);
    const skipped = this.#skipped(spec);
    if (skipped) return skipped;
    const key = JSON.stringify(spec);
    const known = this.#known(key);
    if (known) return decisionOf(known);
    let answer: Answer;
    try {
      answer = yield* this.#post(spec);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#log(`Failed to make webhook authorizer request: ${error.message}`);
      return this.#failed(error.message);
    }
    this.#remember(key, answer);
    return decisionOf(answer);
  }

  /** What its conditions decide before it is asked. */
  #skipped(spec: object): Decision | undefined {
    const verdict = matches(this.#settings.conditions, spec);
    if ('error' in verdict) return this.#failed(verdict.error);
    return verdict.matches ? undefined : { verdict: 'none', reason: '' };
  }

  #failed(error: string): Decision {
    return { verdict: this.#settings.failurePolicy === 'Deny' ? 'deny' : 'none', reason: '', error };
  }

  #known(key: string): Answer | undefined {
    const known = this.#answers.get(key);
    return known && known.untilMs > this.#server.kernel.loop.now ? known.answer : undefined;
  }

  #remember(key: string, answer: Answer): void {
    const { allowMs, denyMs } = this.#settings;
    if (this.#answers.size >= maxRemembered) this.#answers.clear();
    this.#answers.set(key, { answer, untilMs: this.#server.kernel.loop.now + (answer.allowed ? allowMs : denyMs) });
  }

  *#post(spec: ReturnType<typeof specOf>): Call<Answer> {
    const { backend, timeoutMs, version } = this.#settings;
    const { groups, ...rest } = spec;
    const review = {
      kind: 'SubjectAccessReview',
      apiVersion: `authorization.k8s.io/${version}`,
      metadata: {},
      spec: version === 'v1' ? spec : { ...rest, group: groups },
      status: { allowed: false },
    };
    const { status } = (yield* postReviewPatiently(this.#server, backend, review, { timeoutMs, tellsTimeout: true, firstPauseMs })) as {
      readonly status?: Answer;
    };
    return status ?? {};
  }
}

/** SubjectAccessReviewSpec. */
function specOf({ user, verb, group, version, resource, subresource, namespace, name, path, fieldSelector }: Attributes) {
  const who = { user: user.name, groups: user.groups, ...(user.extra && { extra: user.extra }), ...(user.uid && { uid: user.uid }) };
  if (resource === '') return { nonResourceAttributes: { path, verb }, ...who };
  const requirements = fieldSelector ? requirementsOf(fieldSelector) : [];
  const asked = Object.entries({ namespace, verb, group, version, resource, subresource, name }).filter(([, value]) => value !== '');
  const selector = requirements.length > 0 && { fieldSelector: { requirements } };
  return { resourceAttributes: { ...Object.fromEntries(asked), ...selector }, ...who };
}

function requirementsOf(fieldSelector: string): readonly object[] {
  try {
    return parseFieldSelector(fieldSelector).terms.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '!=' ? 'NotIn' : 'In',
      values: [value],
    }));
  } catch {
    return []; // The verb itself answers for selectors that cannot be read.
  }
}

function decisionOf({ allowed, denied, reason = '' }: Answer): Decision {
  if (denied && allowed) return { verdict: 'deny', reason, error: 'webhook subject access review returned both allow and deny response' };
  return { verdict: denied ? 'deny' : allowed ? 'allow' : 'none', reason };
}
