import { secrets } from '../../api/core/secret.ts';
import { services } from '../../api/core/service.ts';
import { endpointSlices } from '../../api/discovery/endpoint-slice.ts';
import type { EndpointSlice, Ingress, IngressClass, Secret, Service } from '../../api/generated/types.ts';
import { ingressClasses } from '../../api/networking/ingress-class.ts';
import { ingresses } from '../../api/networking/ingress.ts';
import type { Client, RestConfig } from '../../client/index.ts';
import {
  connectClient,
  defaultLeaderElectionTimes,
  EventRecorder,
  Informer,
  inClusterConfig,
  KubeconfigError,
  LeaderElector,
  Workqueue,
} from '../../client/index.ts';
import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { klog, warnWithoutEffect } from '../../control-plane/component-base/klog.ts';
import { componentFlags, fail } from '../../control-plane/component-base/start.ts';
import type { ByteString, Call, Program, Sys } from '../../kernel/index.ts';
import { fromBase64, isErrno, textOf, utf8 } from '../../kernel/index.ts';
import { CertificateAuthority } from '../../machinery/x509/index.ts';
import { textResponse } from '../../node/network/index.ts';
import { withoutEffect } from './annotations.ts';
import { Router } from './router.ts';
import type { Upstream } from './servers.ts';
import { buildServers, serverFor } from './servers.ts';
import { addressesOf, writeStatus } from './status-writer.ts';

const version = 'v1.13.3';
const agent = 'nginx-ingress-controller';
const healthPort = 10_254;
/** Changes that come close together are one reload. */
const reloadRestMs = 1000;
const classAnnotation = 'kubernetes.io/ingress.class';
const defaultClassAnnotation = 'ingressclass.kubernetes.io/is-default-class';

const flagTypes: FlagTypes = {
  configmap: 'string',
  'controller-class': 'string',
  'election-id': 'string',
  'enable-metrics': 'boolean',
  'http-port': 'integer',
  'https-port': 'integer',
  'ingress-class': 'string',
  'publish-service': 'string',
  'publish-status-address': 'string',
  v: 'integer',
  'validating-webhook': 'string',
  'validating-webhook-certificate': 'string',
  'validating-webhook-key': 'string',
  'watch-ingress-without-class': 'boolean',
  'watch-namespace': 'string',
};
const idleFlags = ['configmap', 'enable-metrics', 'validating-webhook', 'validating-webhook-certificate', 'validating-webhook-key'];

interface Options {
  readonly controllerClass: string;
  readonly ingressClass: string;
  readonly takesWithoutClass: boolean;
  readonly publishService: string | undefined;
  readonly publishAddresses: readonly string[];
}

/** Everything that the controller watches. */
class Caches {
  readonly ingresses: Informer<Ingress>;
  readonly classes: Informer<IngressClass>;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly secrets: Informer<Secret>;

  constructor(sys: Sys, client: Client, namespace: string | undefined) {
    const { kernel } = sys;
    const scope = namespace ? { namespace } : {};
    this.ingresses = new Informer(kernel, client, ingresses, scope);
    this.classes = new Informer(kernel, client, ingressClasses);
    this.services = new Informer(kernel, client, services, scope);
    this.slices = new Informer(kernel, client, endpointSlices, scope);
    this.secrets = new Informer(kernel, client, secrets, { ...scope, fieldSelector: 'type=kubernetes.io/tls' });
    this.slices.index(serviceOf);
    for (const informer of this.all) sys.own(() => informer.stop());
  }

  get all(): readonly Informer<never>[] {
    return [this.ingresses, this.classes, this.services, this.slices, this.secrets] as unknown as readonly Informer<never>[];
  }

  start(): void {
    for (const informer of this.all) informer.start();
  }

  get hasSynced(): boolean {
    return this.all.every(({ hasSynced }) => hasSynced);
  }

  /** Ready endpoints of a Service's port, by its number or name. */
  endpoints({ namespace, service, port }: Upstream): readonly { readonly ip: string; readonly port: number }[] {
    const ports = this.services.get(service, namespace)?.spec.ports ?? [];
    const wanted = ports.find((one) => (typeof port === 'number' ? one.port === port : one.name === port));
    if (!wanted) return [];
    const found: { readonly ip: string; readonly port: number }[] = [];
    for (const slice of this.slices.index(serviceOf).get(`${namespace}/${service}`).values()) {
      const target = slice.ports?.find(({ name }) => (name ?? '') === (wanted.name ?? ''))?.port;
      if (target === undefined) continue;
      for (const { addresses, conditions } of slice.endpoints ?? [])
        if (conditions?.ready !== false) found.push({ ip: addresses[0]!, port: target });
    }
    return found;
  }
}

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  return name && `${metadata.namespace}/${name}`;
}

/** Whether an Ingress is this controller's business. */
function isOurs({ metadata, spec }: Ingress, classes: Informer<IngressClass>, options: Options): boolean {
  const annotated = metadata.annotations?.[classAnnotation];
  if (annotated !== undefined) return annotated === options.ingressClass;
  const name = spec?.ingressClassName;
  if (name !== undefined) return classes.get(name)?.spec?.controller === options.controllerClass;
  if (options.takesWithoutClass) return true;
  for (const { metadata: own, spec: parts } of classes.values())
    if (parts?.controller === options.controllerClass && own.annotations?.[defaultClassAnnotation] === 'true') return true;
  return false;
}

/** Whether two versions of an Ingress lead to the same configuration. */
function meansTheSame(a: Ingress, b: Ingress): boolean {
  return a.metadata.uid === b.metadata.uid && a.spec === b.spec && a.metadata.annotations === b.metadata.annotations;
}

class Controller {
  readonly router: Router;
  readonly #sys: Sys;
  readonly #client: Client;
  readonly #caches: Caches;
  readonly #options: Options;
  readonly #recorder: EventRecorder;
  readonly #queue: Workqueue<string>;
  #ours: readonly Ingress[] = [];
  #hasLoaded = false;
  #isLeader = false;
  #ownCertificate: string | undefined;

  constructor(sys: Sys, client: Client, caches: Caches, options: Options) {
    this.#sys = sys;
    this.#client = client;
    this.#caches = caches;
    this.#options = options;
    this.#recorder = new EventRecorder(sys.kernel, client, { component: agent });
    const endpoints = (upstream: Upstream) => caches.endpoints(upstream);
    this.router = new Router(sys, { servers: buildServers([]), endpoints });
    this.#queue = new Workqueue(sys.kernel, {
      name: 'ingress',
      workers: 1,
      restMs: reloadRestMs,
      reconcile: (what: string) => (what === 'reload' ? this.#reload() : this.#publish()),
    });
    sys.own(() => this.#queue.stop());
    sys.own(() => this.#recorder.stop());
    const reload = (): void => this.#queue.add('reload');
    caches.ingresses.onChange(({ type, object, previous }) => {
      if (type !== 'DELETED' && previous?.spec !== object.spec && isOurs(object, caches.classes, options)) {
        this.#recorder.normal(object, 'Sync', 'Scheduled for sync');
        for (const key of withoutEffect(object))
          klog(sys, 'W', 'controller.go:1', `"The annotation changes nothing in this emulator" annotation="${key}"`);
      }
      reload();
    });
    caches.classes.onChange(reload);
    caches.services.onChange(({ object }) => {
      if (`${object.metadata.namespace}/${object.metadata.name}` === options.publishService) this.#queue.add('publish');
    });
  }

  start(): void {
    this.#queue.start();
  }

  lead(): void {
    this.#isLeader = true;
    this.#queue.add('publish');
  }

  /** The certificate for a name: that of its Secret, or the controller's own, which nobody trusts. */
  certificateFor(name: string | undefined): string {
    const { secret } = serverFor(this.router.routing.servers, name ?? '');
    if (secret) {
      const [namespace, own] = secret.split('/') as [string, string];
      const pem = this.#caches.secrets.get(own, namespace)?.data?.['tls.crt'];
      if (pem !== undefined) return textOf(fromBase64(pem) ?? ('' as ByteString));
    }
    const { random, clock } = this.#sys.kernel;
    return (this.#ownCertificate ??= new CertificateAuthority(
      random,
      'Kubernetes Ingress Controller Fake Certificate',
      clock.unixMs,
    ).certificate.pem);
  }

  *#reload(): Call<void> {
    const before = this.#ours;
    this.#ours = [...this.#caches.ingresses.values()].filter((one) => isOurs(one, this.#caches.classes, this.#options));
    if (this.#hasLoaded && before.length === this.#ours.length && before.every((one, i) => meansTheSame(one, this.#ours[i]!))) {
      yield* this.#publish();
      return;
    }
    this.#hasLoaded = true;
    klog(this.#sys, 'I', 'controller.go:216', '"Configuration changes detected, backend reload required"');
    this.router.routing = { ...this.router.routing, servers: buildServers(this.#ours) };
    klog(this.#sys, 'I', 'controller.go:228', '"Backend successfully reloaded"');
    this.#complain();
    yield* this.#publish();
  }

  /** What is asked for and not there. */
  #complain(): void {
    for (const { secret } of this.router.routing.servers) {
      const [namespace, name] = (secret ?? '').split('/');
      if (secret && !this.#caches.secrets.get(name!, namespace))
        klog(
          this.#sys,
          'W',
          'controller.go:1',
          `Error getting SSL certificate "${secret}": local SSL certificate ${secret} was not found. Using default certificate`,
        );
    }
  }

  *#publish(): Call<void> {
    if (!this.#isLeader) return;
    const { publishService, publishAddresses } = this.#options;
    const [namespace, name] = (publishService ?? '').split('/');
    const service = publishService === undefined ? undefined : this.#caches.services.get(name!, namespace);
    const addresses = publishAddresses.length > 0 ? publishAddresses.map((ip) => ({ ip })) : service ? addressesOf(service) : [];
    yield* writeStatus(this.#client, this.#ours, addresses);
  }
}

/** The controller's own connection to the API, or the end of the process. */
function readRest(sys: Sys): RestConfig {
  try {
    return inClusterConfig(sys.fs, sys.env);
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    return fail(sys, `Error while initiating a connection to the Kubernetes API server: ${error.message}`);
  }
}

function banner(sys: Sys): void {
  const line = '-'.repeat(79);
  sys.tryWrite(
    1,
    utf8(
      `${line}\nNGINX Ingress controller\n  Release:       ${version}\n  Repository:    https://github.com/kubernetes/ingress-nginx\n  nginx version: nginx/1.27.1\n\n${line}\n\n`,
    ),
  );
}

function listen(sys: Sys, controller: Controller, ports: { readonly http: number; readonly https: number }, isReady: () => boolean): void {
  const serve = (isTls: boolean) => (request: Parameters<Router['serve']>[0], peer: Parameters<Router['serve']>[1]) =>
    controller.router.serve(request, peer, isTls);
  sys.net.listen(ports.http, { http: serve(false) });
  sys.net.listen(ports.https, { http: serve(true), isTls: true, certificate: (name) => controller.certificateFor(name) });
  sys.net.listen(healthPort, {
    http: function* ({ target }) {
      if (target !== '/healthz') return textResponse(404, '404 page not found\n');
      return isReady()
        ? textResponse(200, 'ok')
        : textResponse(500, '[-]nginx-ingress-controller failed: reason withheld\nhealthz check failed\n');
    },
  });
}

function elect(sys: Sys, client: Client, controller: Controller, lease: { readonly namespace: string; readonly name: string }): void {
  const { kernel } = sys;
  const recorder = new EventRecorder(kernel, client, { component: agent });
  const elector = new LeaderElector({
    kernel,
    client,
    recorder,
    ...lease,
    identity: sys.hostname,
    times: { ...defaultLeaderElectionTimes, leaseDurationMs: 30_000 },
  });
  const fiber = kernel.fiber(
    (function* (): Call<void> {
      for (;;) {
        yield* elector.acquire();
        controller.lead();
        yield* elector.renew();
      }
    })(),
  );
  sys.own(() => fiber.cancel());
  sys.own(() => recorder.stop());
}

/** `nginx-ingress-controller`. */
export const ingressController: Program = function* (sys) {
  const flags = componentFlags(sys, flagTypes);
  banner(sys);
  warnWithoutEffect(sys, flags, idleFlags);
  const rest = readRest(sys);
  const { kernel, net } = sys;
  // The kubelet rotates the token, so it is read again for each session.
  const credential = function* () {
    return readRest(sys).credential;
  };
  const client = connectClient({ kernel, net, server: rest.server, authorities: rest.authorities, credential, agent });
  sys.own(() => client.close());
  const caches = new Caches(sys, client, flags.text('watch-namespace') || undefined);
  const controller = new Controller(sys, client, caches, {
    controllerClass: flags.text('controller-class') ?? 'k8s.io/ingress-nginx',
    ingressClass: flags.text('ingress-class') ?? 'nginx',
    takesWithoutClass: flags.boolean('watch-ingress-without-class', false),
    publishService: flags.text('publish-service') || undefined,
    publishAddresses: flags.list('publish-status-address'),
  });
  let waiting = caches.all.length;
  for (const informer of caches.all) informer.onSync(() => --waiting === 0 && controller.start());
  caches.start();
  listen(sys, controller, { http: flags.integer('http-port', 80), https: flags.integer('https-port', 443) }, () => caches.hasSynced);
  elect(sys, client, controller, {
    namespace: sys.env.get('POD_NAMESPACE') ?? rest.namespace,
    name: flags.text('election-id') ?? 'ingress-controller-leader',
  });
  for (const signal of ['TERM', 'INT', 'QUIT'] as const) sys.onSignal(signal, 'catch');
  yield* sys.pause();
  return 0;
};
