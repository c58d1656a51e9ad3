import type { Client, EventRecorder, InformerFactory, Workqueue } from '../../client/index.ts';
import type { Call, Kernel } from '../../kernel/index.ts';
import type { Certificate, KeyPair } from '../../machinery/x509/index.ts';

/** What a controller gets from the kube-controller-manager that runs it. */
export interface ControllerContext {
  readonly kernel: Kernel;
  /** Shared by all controllers; read as system:kube-controller-manager. */
  readonly informers: InformerFactory;
  readonly settings: ControllerSettings;
  /** The kube-controller-manager's own client. */
  readonly ownClient: Client;
  /** A client under a service account of kube-system, as with --use-service-account-credentials. */
  client(serviceAccount: string): Client;
  recorder(client: Client, component: string): EventRecorder;
  /** A queue whose workers begin once all caches have synced. */
  queue<K>(options: {
    readonly name: string;
    readonly reconcile: (key: K) => Call<void>;
    readonly restMs?: number;
    readonly workers?: number;
  }): Workqueue<K>;
  /** Runs a task again and again once all caches have synced; it does not keep the cluster from being settled. */
  every(periodMs: number, task: () => Call<void>): void;
  /** Runs something once all caches have synced. */
  onSync(task: () => void): void;
}

/** What flags and files tell the controllers. */
export interface ControllerSettings {
  /** --cluster-cidr, empty when --allocate-node-cidrs is off. */
  readonly clusterCIDR: string;
  /** --node-cidr-mask-size, or --node-cidr-mask-size-ipv4 in a dual-stack cluster. */
  readonly nodeCIDRMaskSize: number;
  readonly nodeCIDRMaskSizeIPv6: number;
  /** --service-cluster-ip-range: never given to a node. */
  readonly serviceCIDR: string;
  /** What --cluster-signing-cert-file and its key hold now; undefined without them. */
  readonly signingAuthority: () => { readonly certificate: Certificate; readonly key: KeyPair } | undefined;
  /** What --service-account-private-key-file holds at the start; undefined without it. */
  readonly tokenKey: () => KeyPair | undefined;
  /** --cluster-signing-duration. */
  readonly signingDurationMs: number;
  /** PEM of --root-ca-file, empty without it. */
  readonly rootCA: string;
  readonly nodeMonitorGracePeriodMs: number;
  readonly nodeMonitorPeriodMs: number;
  readonly terminatedPodGCThreshold: number;
}

/** A control loop. Adding one is a folder here and a line in `index.ts`. */
export interface Controller {
  /** As --controllers names it. */
  readonly name: string;
  /** Its older name, which --controllers takes too. */
  readonly alias?: string;
  /** `*` does not mean it. */
  readonly isOffByDefault?: boolean;
  start(context: ControllerContext): void;
}
