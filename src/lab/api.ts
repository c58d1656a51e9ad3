/**
 * What a lab's `checks.ts` may use, imported as `inside-kubernetes/lab`. Checks judge state and history, never what was
 * typed, and see the same interface in the page, in the grader and on a real cluster; that is why reads are promises.
 */
import type {
  APIService,
  CertificateSigningRequest,
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  DaemonSet,
  Deployment,
  Endpoints,
  EndpointSlice,
  Event,
  Ingress,
  Job,
  LimitRange,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  ReplicaSet,
  ResourceQuota,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
  StorageClass,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
} from '../emulator/api/generated/types.ts';

/** Kinds that checks can read, by resource name; `cluster.ts` says of each whether a change of it makes tasks be looked at. */
export interface Resources {
  apiservices: APIService;
  certificatesigningrequests: CertificateSigningRequest;
  clusterrolebindings: ClusterRoleBinding;
  clusterroles: ClusterRole;
  configmaps: ConfigMap;
  daemonsets: DaemonSet;
  deployments: Deployment;
  endpoints: Endpoints;
  endpointslices: EndpointSlice;
  events: Event;
  ingresses: Ingress;
  jobs: Job;
  limitranges: LimitRange;
  namespaces: Namespace;
  networkpolicies: NetworkPolicy;
  nodes: Node;
  persistentvolumeclaims: PersistentVolumeClaim;
  persistentvolumes: PersistentVolume;
  poddisruptionbudgets: PodDisruptionBudget;
  pods: Pod;
  priorityclasses: PriorityClass;
  replicasets: ReplicaSet;
  resourcequotas: ResourceQuota;
  rolebindings: RoleBinding;
  roles: Role;
  secrets: Secret;
  serviceaccounts: ServiceAccount;
  services: Service;
  statefulsets: StatefulSet;
  storageclasses: StorageClass;
  validatingadmissionpolicies: ValidatingAdmissionPolicy;
  validatingadmissionpolicybindings: ValidatingAdmissionPolicyBinding;
  validatingwebhookconfigurations: ValidatingWebhookConfiguration;
}
export type ResourceName = keyof Resources;

export interface ListFilter {
  readonly namespace?: string;
  /** All of these labels with these values. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Condition Ready is True, and the object is not being deleted. */
  readonly ready?: boolean;
}

/** One create, update or delete that the API server accepted. */
export interface Change {
  /** Seconds of virtual time since the lab began. */
  readonly time: number;
  readonly resource: ResourceName;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `learner`, or the component: `replicaset-controller`, `kube-scheduler`, `kubelet`, … */
  readonly by: string;
}

export interface ChangeFilter {
  readonly namespace?: string;
  readonly name?: string;
  readonly by?: string;
  /** Only what came later than this, in seconds. */
  readonly after?: number;
}

/** Somebody, and what they would do. */
export interface Attempt {
  /** A user's name; of a service account `system:serviceaccount:<namespace>:<name>`. */
  readonly user: string;
  /** Beside those that everybody of the kind has. */
  readonly groups?: readonly string[];
  readonly verb: string;
  /** Plural, with its group and subresource where it has them: `deployments.apps`, `pods/log`. */
  readonly resource: string;
  /** Absent: in all namespaces, or of a kind that has none. */
  readonly namespace?: string;
  readonly name?: string;
}

/** An object as a client would write it, with no more than that. */
export type Proposal<T> = Omit<T, 'metadata' | 'status'> & {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
};

/** What would become of a request. */
export interface Verdict {
  readonly ok: boolean;
  /** The API server's words when it would refuse. */
  readonly why: string;
}

/** What would become of a connection. */
export interface Reach {
  /** Every way that it may take ends at somebody who listens. */
  readonly ok: boolean;
  /** In words, where it ends or is lost. */
  readonly why: string;
}

/** How a service of a machine stands with systemd. */
export interface UnitState {
  readonly isActive: boolean;
  /** It starts with the machine. */
  readonly isEnabled: boolean;
}

/** A connection or datagram that somebody really sent. */
export interface Sent {
  /** Seconds of virtual time since the lab began. */
  readonly time: number;
  /** A Pod (`namespace/name`), a machine, or `outside`. */
  readonly from: string;
  /** As it was addressed: `10.96.12.7:80/TCP`. */
  readonly to: string;
  /** Who got it, named as `from` is; undefined when it was lost or refused. */
  readonly reached: string | undefined;
}

export interface SentFilter {
  readonly from?: string;
  readonly to?: string;
  /** Only what came later than this, in seconds. */
  readonly after?: number;
}

/** A request that somebody made who is no part of the cluster: a person, a Pod's program. */
export interface Asked {
  /** Seconds of virtual time since the lab began. */
  readonly time: number;
  /** `learner` for the administrator, else the user's name as the API server knows it. */
  readonly by: string;
  readonly verb: string;
  /** With its subresource: `pods/exec`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** HTTP's: 200, 403, … */
  readonly code: number;
}

export interface AskedFilter {
  readonly by?: string;
  readonly verb?: string;
  readonly resource?: string;
  readonly namespace?: string;
  readonly after?: number;
}

/** The cluster at one past moment. */
export interface Moment {
  list<R extends ResourceName>(resource: R, filter?: ListFilter): readonly Resources[R][];
  /** Addresses behind a Service (`namespace/name`). */
  endpoints(service: string): { readonly ready: number; readonly total: number };
}

export interface Extreme {
  readonly value: number;
  /** When, in words: `2m13s after the lab began`. */
  readonly at: string;
  /** The last change before it, in words. */
  readonly cause: string;
}

export interface History {
  creations(resource: ResourceName, filter?: ChangeFilter): readonly Change[];
  deletions(resource: ResourceName, filter?: ChangeFilter): readonly Change[];
  /** Pods that were given a node through their subresource `binding`. */
  bindings(filter?: ChangeFilter): readonly Change[];
  /** Evictions that the API server granted; the ones that a disruption budget refused are not among them. */
  evictions(filter?: ChangeFilter): readonly Change[];
  /** Connections of Pods, machines and `outside`, apart from those to the API server, as far as they are remembered (the last 20,000). */
  connections(filter?: SentFilter): readonly Sent[];
  /** Requests of people and of Pods' programs, granted and refused, as far as they are remembered (the last 20,000). */
  requests(filter?: AskedFilter): readonly Asked[];
  /** When a task turned green, in seconds since the lab began; undefined while it is not. */
  greenAt(task: string): number | undefined;
  /** The smallest value of a measure over every moment, by default since the lab began. */
  lowest(
    measure: (moment: Moment) => number,
    options?: { /** A task's id: from when it turned green. */ readonly since?: string },
  ): Extreme;
}

export interface LabContext {
  list<R extends ResourceName>(resource: R, filter?: ListFilter): Promise<readonly Resources[R][]>;
  /** Undefined if there is none. `ref` is `namespace/name`, or `name` for cluster-scoped kinds. */
  get<R extends ResourceName>(resource: R, ref: string): Promise<Resources[R] | undefined>;
  /** Ready addresses behind a Service (`namespace/name`). */
  readyEndpoints(service: string): Promise<number>;
  /** Content of a file on a machine, undefined if there is none. A real cluster has none to show. */
  file(machine: string, path: string): Promise<string | undefined>;
  /** A service of a machine (`kubelet`), undefined if there is none. A real cluster has none to show. */
  unit(machine: string, name: string): Promise<UnitState | undefined>;
  /**
   * Whether a connection works, measured by a packet that is sent on trial through the cluster's own network: no server hears of it, and
   * nothing changes. `from` is a Pod (`namespace/name`), a machine, or `outside` (a host beside the nodes); `to` is an address or
   * machine, `pods/namespace/name` or `services/namespace/name`, with a port, and `/UDP` where that is meant: `services/shop/api:80`.
   * Names are not looked up. A real cluster cannot be asked this from where checks run; it throws there and says so.
   */
  connects(from: string, to: string): Promise<Reach>;
  /** Whether the API server would allow it (a SubjectAccessReview). */
  may(attempt: Attempt): Promise<boolean>;
  /** Whether the API server would take the object, for an administrator, as it stands (a create with dry run). */
  accepts<R extends ResourceName>(resource: R, object: Proposal<Resources[R]>): Promise<Verdict>;
  conditionOf(object: { readonly status?: unknown }, type: string): string | undefined;
  /** Words an expectation: commands in it are shown as such. */
  say(parts: TemplateStringsArray, ...commands: readonly unknown[]): string;
  readonly history: History;
}

export type Checks = (lab: LabContext) => void;
