import type { Call, Kernel } from '../../../kernel/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import type { Status } from '../../../machinery/status-error.ts';
import type { Decision } from '../authorization/index.ts';
import type { UserInfo } from '../request.ts';
import { configFor } from './policy.ts';
import type { AuditConfig, AuditPolicy, PolicyAttributes, Stage } from './policy.ts';

import type { AuditWebhook, AuditWebhookOptions } from './webhook.ts';

export interface AuditOptions {
  readonly policy: AuditPolicy;
  /** Takes a line of the log; absent without --audit-log-path. */
  readonly write?: ((line: string) => void) | undefined;
  /** --audit-webhook-config-file. */
  readonly webhook?: AuditWebhookOptions | undefined;
}

/** A request before anybody has looked at more than its address. */
export interface AuditedRequest extends PolicyAttributes {
  readonly version: string;
  readonly uri: string;
  readonly sourceIP: string;
  readonly userAgent: string;
}

/** Opens an entry for every request that the policy wants. */
export class Auditor {
  readonly #kernel: Kernel;
  readonly #policy: AuditPolicy;
  readonly #webhook: AuditWebhook | undefined;
  readonly #write: (event: object) => void;

  constructor(kernel: Kernel, { policy, write }: Pick<AuditOptions, 'policy' | 'write'>, webhook?: AuditWebhook) {
    this.#kernel = kernel;
    this.#policy = policy;
    this.#webhook = webhook;
    this.#write = (event) => {
      write?.(`${JSON.stringify(event)}\n`);
      webhook?.take(event);
    };
  }

  /** Waits until the webhook has what it is to have before a request is answered. */
  *delivered(): Call<void> {
    if (this.#webhook?.isBlocking) yield* this.#webhook.flush();
  }

  /**
   * Whether the event of the request's arrival is where it must be before anything else happens (--audit-webhook-mode=blocking-strict).
   *
   * Differs from Kubernetes: requests of the cluster's own parts are not held up by a webhook.
   */
  *isStored(): Call<boolean> {
    return this.#webhook?.isStrict ? yield* this.#webhook.flush() : true;
  }

  /** Undefined for a request that is not kept. */
  begin(request: AuditedRequest): AuditEntry | undefined {
    const config = configFor(this.#policy, request);
    if (config.level === 'None') return undefined;
    const entry = new AuditEntry(this.#kernel, request, config, this.#write);
    entry.reach('RequestReceived');
    return entry;
  }

  /** A request whose credential proved nothing (endpoints/filters/authn_audit.go). */
  unauthenticated(request: AuditedRequest, attempted: string): void {
    const config = configFor(this.#policy, request);
    if (config.level === 'None') return;
    const entry = new AuditEntry(this.#kernel, request, config, this.#write);
    entry.answered(401, { status: 'Failure', reason: 'Unauthorized', message: `Authentication failed, attempted: ${attempted}` });
    entry.reach('ResponseStarted');
  }
}

/** What is known of one request, and a line for each stage that it reaches. */
export class AuditEntry {
  readonly #kernel: Kernel;
  readonly #request: AuditedRequest;
  readonly #config: AuditConfig;
  readonly #write: (event: object) => void;
  readonly #id: string;
  readonly #received: string;
  readonly #annotations: Record<string, string> = {};
  #impersonated: UserInfo | undefined;
  #object: { readonly namespace?: string; readonly name?: string; readonly uid?: string; readonly resourceVersion?: string } = {};
  #requestObject: unknown;
  #responseStatus: object | undefined;
  #responseObject: unknown;

  constructor(kernel: Kernel, request: AuditedRequest, config: AuditConfig, write: (event: object) => void) {
    this.#kernel = kernel;
    this.#request = request;
    this.#config = config;
    this.#write = write;
    this.#id = kernel.random.uuid();
    this.#received = kernel.clock.microTime();
  }

  impersonates(user: UserInfo): void {
    this.#impersonated = user;
  }

  decided({ verdict, reason, error }: Decision): void {
    const isAllowed = verdict === 'allow';
    if (!isAllowed && error !== undefined) this.annotate({ 'authorization.k8s.io/reason': 'internal error' });
    else this.annotate({ 'authorization.k8s.io/decision': isAllowed ? 'allow' : 'forbid', 'authorization.k8s.io/reason': reason });
  }

  annotate(annotations: Readonly<Record<string, string>> | undefined): void {
    Object.assign(this.#annotations, annotations);
  }

  /** What the client sent, as it was understood. */
  sent(body: object): void {
    const { metadata } = body as Partial<ApiObject>;
    this.#object = metadata ?? {};
    if (this.#keeps('Request')) this.#requestObject = this.#clean(body);
  }

  answered(code: number, answer: unknown): void {
    const { status, message, reason, details } = isStatus(answer) ? answer : ({} as Partial<Status>);
    this.#responseStatus = { metadata: {}, status, message, reason, details, code };
    if (this.#keeps('RequestResponse') && typeof answer === 'object') this.#responseObject = this.#clean(answer!);
  }

  /** Writes the line of a stage, unless the policy leaves it out. */
  reach(stage: Stage): void {
    if (this.#config.omitStages.has(stage)) return;
    const { uri, verb, user, sourceIP, userAgent } = this.#request;
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.#config.level,
      auditID: this.#id,
      stage,
      requestURI: uri,
      verb,
      user: user ? userOf(user) : {},
      impersonatedUser: this.#impersonated && userOf(this.#impersonated),
      sourceIPs: [sourceIP],
      userAgent: userAgent === '' ? undefined : userAgent,
      objectRef: this.#objectRef(),
      responseStatus: this.#responseStatus,
      requestObject: this.#requestObject,
      responseObject: this.#responseObject,
      requestReceivedTimestamp: this.#received,
      stageTimestamp: this.#kernel.clock.microTime(),
      annotations: sortedOrNone(this.#annotations),
    };
    this.#write(event);
  }

  #objectRef(): object | undefined {
    const { resource, namespace, name, group, version, subresource } = this.#request;
    if (resource === '') return undefined;
    const { uid, resourceVersion } = this.#object;
    return {
      resource,
      namespace: namespace || this.#object.namespace || undefined,
      name: name || this.#object.name || undefined,
      uid,
      apiGroup: group || undefined,
      apiVersion: version,
      resourceVersion: resourceVersion || undefined,
      subresource: subresource || undefined,
    };
  }

  #keeps(level: 'Request' | 'RequestResponse'): boolean {
    return this.#config.level === 'RequestResponse' || this.#config.level === level;
  }

  #clean(value: object): unknown {
    return this.#config.omitManagedFields ? withoutManagedFields(value) : value;
  }
}

function isStatus(answer: unknown): answer is Partial<Status> {
  return typeof answer === 'object' && answer !== null && typeof (answer as Partial<Status>).status === 'string';
}

function userOf({ name, uid, groups, extra }: UserInfo): object {
  return { username: name, uid, groups, extra };
}

function sortedOrNone(annotations: Readonly<Record<string, string>>): object | undefined {
  const entries = Object.entries(annotations);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of an object, the items of a list, and the objects in the rows of a table. */
function withoutManagedFields(value: object): object {
  const { metadata, items, rows } = value as Partial<ApiObject> & { items?: readonly object[]; rows?: readonly { object?: object }[] };
  return {
    ...value,
    ...(metadata?.managedFields && { metadata: { ...metadata, managedFields: undefined } }),
    ...(items && { items: items.map(withoutManagedFields) }),
    ...(rows && { rows: rows.map((row) => (row.object ? { ...row, object: withoutManagedFields(row.object) } : row)) }),
  };
}
