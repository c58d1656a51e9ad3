/**
 * PodSecurity: the Pod Security Standards, as the labels of a namespace ask for them. Upstream: pod-security-admission.
 *
 * - A Pod is held against all three modes: `enforce` refuses it, `warn` tells the client, `audit` notes it.
 * - A workload's template is warned of and noted, never refused: its Pods will be.
 * - A namespace that asks nothing costs one look at its labels.
 *
 * Differs from Kubernetes: the feature UserNamespacesPodSecurityStandards, which is off by default, does not exist.
 */
import type { Namespace, Pod, PodSpec, PodTemplateSpec } from '../../../../api/generated/types.ts';
import type { ApiObject, Labels } from '../../../../machinery/objects.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import type { PodSecurityConfiguration } from './configuration.ts';
import { defaultConfiguration } from './configuration.ts';
import { detailText, violationsOf } from './evaluate.ts';
import { validateNamespace } from './namespace.ts';
import type { Policy, ReadPolicy } from './policy.ts';
import { asksNothing, levelText, readPolicy, sameLevel } from './policy.ts';

/** Where each kind has its Pod's spec. */
const templates = [
  'cronjobs',
  'daemonsets',
  'deployments',
  'jobs',
  'podtemplates',
  'replicasets',
  'replicationcontrollers',
  'statefulsets',
];

interface Templated {
  readonly template?: PodTemplateSpec;
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplateSpec } };
  };
}

/** What is held against a policy. */
interface Candidate {
  readonly spec: PodSpec;
  readonly annotations: Labels | undefined;
}

function templateOf(object: ApiObject): Candidate | undefined {
  const { template, spec } = object as Templated;
  const found = template ?? spec?.template ?? spec?.jobTemplate?.spec?.template;
  return found?.spec && { spec: found.spec, annotations: found.metadata?.annotations };
}

/** Whether an update may change what is allowed: only images and ephemeral containers can change in a Pod. */
function isSignificant(pod: Pod, previous: Pod): boolean {
  const images = ({ spec }: Pod): readonly string[] => [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => image ?? '');
  const [now, before] = [images(pod), images(previous)];
  if (now.length !== before.length || now.some((image, i) => image !== before[i])) return true;
  const known = previous.spec.ephemeralContainers ?? [];
  return (pod.spec.ephemeralContainers ?? []).some(({ name, image }) => !known.some((old) => old.name === name && old.image === image));
}

class PodSecurity {
  readonly #config: PodSecurityConfiguration;
  /** By the labels of a namespace, which stay the same object until they change. */
  readonly #known = new WeakMap<Labels, ReadPolicy>();

  constructor(config: PodSecurityConfiguration) {
    this.#config = config;
  }

  validate(server: ApiServer, attributes: AdmissionAttributes): void {
    const { request, object, previous } = attributes;
    if (request.resource.resource === 'namespaces') {
      validateNamespace(server, attributes, this.#config);
      return;
    }
    if (this.#config.exemptNamespaces.includes(request.namespace) || this.#config.exemptUsernames.includes(request.user.name)) return;
    const { policy, errors } = this.#policyOf(server, request.namespace);
    if (errors.length === 0 && asksNothing(policy)) return;
    if (request.resource.resource !== 'pods') {
      const template = templateOf(object);
      if (template) this.#evaluate(server, attributes, policy, template, false);
    } else if (!previous || isSignificant(object as Pod, previous as Pod)) {
      this.#evaluate(server, attributes, policy, { spec: (object as Pod).spec, annotations: object.metadata.annotations }, true);
    }
  }

  #policyOf(server: ApiServer, name: string): ReadPolicy {
    const namespace = server.store('namespaces').get('', name) as Namespace | undefined;
    const labels = namespace?.metadata.labels;
    if (!labels) return readPolicy(undefined, this.#config.defaults);
    let read = this.#known.get(labels);
    if (!read) this.#known.set(labels, (read = readPolicy(labels, this.#config.defaults)));
    return read;
  }

  #evaluate(
    server: ApiServer,
    { request, object }: AdmissionAttributes,
    policy: Policy,
    { spec, annotations }: Candidate,
    enforces: boolean,
  ): void {
    if (spec.runtimeClassName && this.#config.exemptRuntimeClasses.includes(spec.runtimeClassName)) return;
    const { enforce, audit, warn } = policy;
    const enforced = enforces ? violationsOf(enforce, spec, annotations) : [];
    const audited = enforces && sameLevel(audit, enforce) ? enforced : violationsOf(audit, spec, annotations);
    if (audited.length > 0) note(server, request, object, `would violate PodSecurity "${levelText(audit)}": ${detailText(audited)}`);
    if (enforced.length > 0)
      throw forbidden(request.resource, object.metadata.name, `violates PodSecurity "${levelText(enforce)}": ${detailText(enforced)}`);
    const warned = sameLevel(warn, audit) ? audited : violationsOf(warn, spec, annotations);
    if (warned.length > 0) request.warnings.push(`would violate PodSecurity "${levelText(warn)}": ${detailText(warned)}`);
  }
}

/** What the mode `audit` leaves behind: an annotation of the request's audit event. */
function note(server: ApiServer, request: AdmissionAttributes['request'], object: ApiObject, message: string): void {
  (request.auditAnnotations ??= {})['pod-security.kubernetes.io/audit-violations'] = message;
  const { trace } = server.kernel;
  if (!trace.isOn) return;
  const { name, namespace, uid } = object.metadata;
  const subject = { resource: request.resource.resource, namespace, name, uid };
  trace.emit('kube-apiserver', subject, { type: 'decision', by: 'PodSecurity', verdict: 'audit', message });
}

/** The plugin with the defaults and exemptions of a cluster. */
export function podSecurityWith(config: PodSecurityConfiguration): AdmissionPlugin {
  const own = new PodSecurity(config);
  return {
    name: 'PodSecurity',
    resources: ['namespaces', 'pods', 'pods/ephemeralcontainers', 'pods/resize', ...templates],
    operations: ['CREATE', 'UPDATE'],
    validate: (server, attributes) => own.validate(server, attributes),
  };
}

export const podSecurity: AdmissionPlugin = podSecurityWith(defaultConfiguration);
