/**
 * The API server's object: what the stages of the pipeline share. It has no state of its own that matters: all of it is in
 * etcd, and a restarted server begins afresh.
 */
import type { Kind, StrategyContext } from '../../api/kind.ts';
import { apiVersionOf } from '../../api/kind.ts';
import { otherVersions } from '../../api/kinds.ts';
import type { Call, Kernel, NetNamespace } from '../../kernel/index.ts';
import type { ApiObject } from '../../machinery/objects.ts';
import { methodNotSupported, StatusError } from '../../machinery/status-error.ts';
import type { EtcdEndpoint } from '../etcd/index.ts';
import { EtcdError } from '../etcd/index.ts';
import { CustomResources } from './custom-resources/index.ts';
import { Aggregator } from './aggregation/index.ts';
import { AdmissionConfigurations } from './admission/configurations.ts';
import { AdmissionChain } from './admission/chain.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { Authorization, RbacAuthorizer } from './authorization/index.ts';
import type { AuthorizationOptions } from './authorization/index.ts';
import type { PolicyRule } from './authorization/rules.ts';
import { Authenticator } from './authentication/authenticator.ts';
import type { AuthenticationOptions } from './authentication/authenticator.ts';
import type { ResourceHook } from './hooks.ts';
import { FlowControl } from './flow-control/index.ts';
import { FieldOwnership } from './field-ownership.ts';
import type { AuditOptions } from './audit/index.ts';
import { Auditor, AuditWebhook } from './audit/index.ts';
import { JwtAuthenticators } from './authentication/jwt-authenticators.ts';
import type { EncryptedResources } from './encryption/index.ts';
import { Encryption } from './encryption/index.ts';
import { Registry } from './registry.ts';
import type { Resource } from './registry.ts';
import type { ApiRequest } from './request.ts';
import { rbacHooks } from './authorization/escalation.ts';
import { serviceHook } from './services/hook.ts';
import type { IPAddresses } from './services/ip-addresses.ts';
import { ResourceStore } from './storage/resource-store.ts';
import type { ServedWatch } from './verbs/watch.ts';

export interface ApiServerOptions {
  readonly kernel: Kernel;
  readonly etcd: EtcdEndpoint;
  readonly kinds: readonly Kind[];
  readonly authentication: AuthenticationOptions;
  /** What the server shows to kubelets: a certificate with its key. */
  readonly kubeletCredential?: () => unknown;
  /** The release of Kubernetes that this server says it is of. */
  readonly release?: string;
  readonly admission: readonly AdmissionPlugin[];
  /** Rules of the role system:node, which the Node authorizer applies to every kubelet. */
  readonly nodeRules: readonly PolicyRule[];
  /** `--authorization-mode` or `--authorization-config`; Node and RBAC by default. */
  readonly authorization?: AuthorizationOptions | undefined;
  /** The server's way to the kubelets; without it logs, exec and the like fail. */
  readonly net?: NetNamespace | undefined;
  readonly serviceCIDR?: string;
  readonly nodePortRange?: readonly [number, number] | undefined;
  readonly advertiseAddress?: string;
  /** Absent without an audit policy, or without a place for its lines. */
  readonly audit?: AuditOptions | undefined;
  readonly securePort?: number;
  /** Requests that all priority levels together serve at a time. */
  readonly concurrency?: number | undefined;
  /** `--encryption-provider-config`; without it everything is stored, and read, in plain. */
  readonly encryption?: readonly EncryptedResources[] | undefined;
}

/** How often clients that asked for it are told how far the history has come (cacher.go: about once a minute). */
const bookmarkPeriodMs = 60_000;
/** Age of the history that etcd keeps (`--etcd-compaction-interval`). */
const compactionPeriodMs = 300_000;

export class ApiServer {
  readonly options: ApiServerOptions;
  readonly kernel: Kernel;
  readonly etcd: EtcdEndpoint;
  readonly registry = new Registry();
  readonly rbac: RbacAuthorizer;
  readonly authorization: Authorization;
  readonly authenticator: Authenticator;
  readonly admission: AdmissionChain;
  readonly ownership: FieldOwnership;
  readonly auditor: Auditor | undefined;
  readonly flowControl: FlowControl;
  readonly aggregator: Aggregator;
  readonly configurations: AdmissionConfigurations;
  readonly customResources: CustomResources;
  /** By resource. */
  readonly hooks = new Map<string, ResourceHook>();
  /** Set once the server has put in place what every cluster has. */
  ipAddresses: IPAddresses | undefined;
  readonly watches = new Set<ServedWatch>();
  /** Requests answered, by resource, and by verb, code, scope and subresource as one text, for /metrics. */
  readonly requestCounts = new Map<Resource, Map<string, number>>();
  readonly startedMs: number;
  isStopped = false;

  constructor(options: ApiServerOptions) {
    this.options = options;
    this.kernel = options.kernel;
    this.startedMs = options.kernel.loop.now;
    this.etcd = options.etcd;
    for (const kind of [...options.kinds, ...otherVersions]) this.addKind(kind);
    const store = (resource: string, version = 'v1'): ResourceStore => this.storeOf(this.registry.find(version, resource)!);
    const rbac = 'rbac.authorization.k8s.io/v1';
    this.rbac = new RbacAuthorizer({
      roles: store('roles', rbac),
      clusterRoles: store('clusterroles', rbac),
      roleBindings: store('rolebindings', rbac),
      clusterRoleBindings: store('clusterrolebindings', rbac),
    });
    this.authenticator = new Authenticator(options.kernel, options.authentication, {
      serviceAccounts: store('serviceaccounts'),
      pods: store('pods'),
      secrets: store('secrets'),
      nodes: store('nodes'),
    });
    this.admission = new AdmissionChain(options.admission);
    this.ownership = new FieldOwnership(options.kernel);
    this.hooks.set('services', serviceHook(this));
    for (const [resource, hook] of rbacHooks) this.hooks.set(resource, hook);
    const { audit } = options;
    this.auditor = audit && new Auditor(options.kernel, audit, audit.webhook && new AuditWebhook(this, audit.webhook));
    this.flowControl = new FlowControl(this);
    this.configurations = new AdmissionConfigurations(this);
    this.aggregator = new Aggregator(this);
    this.aggregator.start();
    this.customResources = new CustomResources(this);
    this.customResources.start();
    this.authorization = new Authorization(this, options.authorization ?? { authorizers: [{ type: 'Node' }, { type: 'RBAC' }] });
    const { jwt } = options.authentication;
    if (jwt) this.authenticator.jwt = new JwtAuthenticators(this, jwt);
    this.kernel.loop.after(bookmarkPeriodMs, this.#sendBookmarks, undefined, true);
    this.kernel.loop.after(compactionPeriodMs, this.#compact, this.etcd.data.revision, true);
  }

  /** Begins to serve a kind. */
  addKind(descriptor: Kind): Resource {
    const { group, version, kind, resource, verbs } = descriptor;
    const isStored = verbs.includes('get') && !descriptor.viewOf;
    const added: Resource = {
      group,
      version,
      kind,
      resource,
      apiVersion: apiVersionOf(descriptor),
      descriptor,
      store: isStored ? new ResourceStore(descriptor, this.etcd, this.#encryptionOf(descriptor)) : undefined,
    };
    this.registry.add(added);
    return added;
  }

  /** Undefined where neither this server nor one before it has encrypted anything: then nothing need be looked at. */
  #encryptionOf({ group, resource }: Kind): Encryption | undefined {
    const { encryption, kernel } = this.options;
    const names = [`${resource}.${group}`, `*.${group}`, '*.*', ...(group === '' ? [resource] : [])];
    const entry = encryption?.find(({ resources }) => resources.some((name) => names.includes(name)));
    if (!entry && !this.etcd.data.sealed) return undefined;
    return new Encryption(kernel.random, entry?.providers);
  }

  /** Throws 405 for a kind that is only asked. */
  storeOf(resource: Resource): ResourceStore {
    if (!resource.store) throw methodNotSupported(resource, 'get');
    return resource.store;
  }

  /** The store of a resource of the core group, or of another by its group and version. */
  store(resource: string, apiVersion = 'v1'): ResourceStore {
    return this.storeOf(this.registry.find(apiVersion, resource)!);
  }

  strategyContext({ user, warnings }: ApiRequest): StrategyContext {
    const { clock } = this.kernel;
    return {
      get now() {
        return clock.timestamp();
      },
      user,
      warn: (text) => warnings.push(text),
    };
  }

  /** Every write passes here once it is stored. */
  written(change: 'create' | 'update' | 'delete', request: ApiRequest, object: ApiObject, previous: ApiObject | undefined): void {
    this.hooks.get(request.resource.resource)?.afterWrite?.();
    const { trace } = this.kernel;
    if (!trace.isOn) return;
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const revision = Number(change === 'delete' ? this.etcd.data.revision : resourceVersion);
    trace.emit(
      'etcd',
      { resource: request.resource.resource, namespace, name, uid: uid ?? previous?.metadata.uid },
      { type: 'storage', change, revision },
    );
  }

  /** Ends every watch, as closing the server's port does. */
  stop(): void {
    this.isStopped = true;
    this.aggregator.stop();
    this.customResources.stop();
    this.ipAddresses?.stop();
    for (const watch of [...this.watches]) watch.end(undefined);
  }

  readonly #sendBookmarks = (): void => {
    if (this.isStopped) return;
    for (const watch of this.watches) if (watch.wantsBookmarks) watch.bookmark(this.etcd.data.revision);
    this.kernel.loop.after(bookmarkPeriodMs, this.#sendBookmarks, undefined, true);
  };

  readonly #compact = (revision: number): void => {
    if (this.isStopped) return;
    if (revision > this.etcd.data.compactRevision) this.kernel.fiber(this.#forget(revision), { background: true });
    this.kernel.loop.after(compactionPeriodMs, this.#compact, this.etcd.data.revision, true);
  };

  *#forget(revision: number): Call<void> {
    try {
      yield* this.etcd.compact(revision);
    } catch (error) {
      // Another API server was quicker, or etcd has no leader: there is another time.
      if (!(error instanceof StatusError) && !(error instanceof EtcdError)) throw error;
    }
  }
}
