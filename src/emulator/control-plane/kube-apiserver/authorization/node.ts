/**
 * The Node authorizer: a kubelet may read what the Pods bound to its node use, and write what concerns its node.
 * Upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go, with AuthorizeNodeWithSelectors as in v1.34.
 */
import type { PersistentVolumeClaim, Pod, PodSpec, VolumeAttachment } from '../../../api/generated/types.ts';
import { exactField, parseFieldSelector } from '../../../machinery/fields.ts';
import type { UserInfo } from '../request.ts';
import type { ResourceStore } from '../storage/resource-store.ts';
import { noOpinion } from './attributes.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import { compileRules } from './rules.ts';
import type { CompiledRule, PolicyRule } from './rules.ts';

const allow: Decision = { verdict: 'allow', reason: '' };
const refuse = (reason: string): Decision => ({ verdict: 'none', reason });
const unrelated = (node: string): Decision => refuse(`no relationship found between node '${node}' and this object`);

/** The name of the node whose kubelet the user is, or undefined (pkg/auth/nodeidentifier/default.go). */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  const node = name.startsWith('system:node:') && groups.includes('system:nodes') ? name.slice('system:node:'.length) : '';
  return node === '' ? undefined : node;
}

/** What a Pod's spec refers to in its namespace. */
interface References {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  /** Names of volumes whose claims are made for the Pod alone. */
  readonly ephemeral: readonly string[];
  readonly serviceAccount: string | undefined;
}

/** Where what a node is related to is looked up. */
export interface NodeStores {
  readonly pods: ResourceStore;
  readonly claims: ResourceStore;
  readonly attachments: ResourceStore;
}

export class NodeAuthorizer implements Authorizer {
  readonly #pods: ResourceStore;
  readonly #claims: ResourceStore;
  readonly #attachments: ResourceStore;
  readonly #rules: readonly CompiledRule[];
  readonly #references = new WeakMap<PodSpec, References>();

  /** `rules` are those of the role system:node, for all that needs no relation. */
  constructor({ pods, claims, attachments }: NodeStores, rules: readonly PolicyRule[]) {
    this.#pods = pods;
    this.#claims = claims;
    this.#attachments = attachments;
    this.#rules = compileRules(rules);
  }

  authorize(attributes: Attributes): Decision {
    const node = nodeNameOf(attributes.user);
    if (node === undefined) return noOpinion;
    const { group, resource } = attributes;
    if (group === '' && (resource === 'secrets' || resource === 'configmaps')) return this.#readReferenced(node, attributes, resource);
    if (group === '' && (resource === 'persistentvolumeclaims' || resource === 'persistentvolumes'))
      return this.#readStorage(node, attributes);
    if (group === 'storage.k8s.io' && resource === 'csinodes') return csiNodeAccess(node, attributes);
    if (group === '' && resource === 'serviceaccounts') return this.#accountAccess(node, attributes);
    if (group === 'storage.k8s.io' && resource === 'volumeattachments') return this.#readAttachment(node, attributes);
    if (group === 'resource.k8s.io' && resource === 'resourceclaims') return this.#readResourceClaim(node, attributes);
    if (group === '' && resource === 'nodes') return nodeAccess(node, attributes, this.#isInRules(attributes));
    if (group === '' && resource === 'pods') return this.#podAccess(node, attributes);
    if (group === 'coordination.k8s.io' && resource === 'leases') return leaseAccess(node, attributes);
    return this.#isInRules(attributes) ? allow : noOpinion;
  }

  #isInRules(attributes: Attributes): boolean {
    return this.#rules.some((rule) => rule.allows(attributes));
  }

  #readReferenced(node: string, attributes: Attributes, resource: 'secrets' | 'configmaps'): Decision {
    return this.#readNamespaced(node, attributes, ({ secrets, configMaps }) =>
      (resource === 'secrets' ? secrets : configMaps).has(attributes.name),
    );
  }

  /** authorizeReadNamespacedObject: an object that a Pod of the node refers to. */
  #readNamespaced(
    node: string,
    { verb, subresource, namespace, name }: Attributes,
    refersTo: (references: References, pod: Pod) => boolean,
  ): Decision {
    if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return refuse(`can only read resources of this type`);
    if (subresource !== '') return refuse('cannot read subresource');
    if (namespace === '') return refuse('can only read namespaced object of this type');
    if (name === '') return refuse('No Object name found');
    return this.#isReferenced(node, namespace, refersTo) ? allow : unrelated(node);
  }

  /** A claim that a Pod of the node uses, and the volume that it is bound to. */
  #readStorage(node: string, { verb, subresource, resource, namespace, name }: Attributes): Decision {
    if (resource === 'persistentvolumeclaims' && subresource === 'status') {
      if (verb !== 'update' && verb !== 'patch') return refuse('can only get/update/patch this type');
      return this.#usesClaim(node, namespace, name) ? allow : unrelated(node);
    }
    const isNamed = resource === 'persistentvolumeclaims' ? this.#usesClaim(node, namespace, name) : this.#usesVolume(node, name);
    return getOnly({ verb, subresource, name }) ?? (isNamed ? allow : unrelated(node));
  }

  #readAttachment(node: string, attributes: Attributes): Decision {
    const attachment = this.#attachments.get('', attributes.name) as VolumeAttachment | undefined;
    return getOnly(attributes) ?? (attachment?.spec.nodeName === node ? allow : unrelated(node));
  }

  #readResourceClaim(node: string, attributes: Attributes): Decision {
    const { namespace, name } = attributes;
    const names = ({ resourceClaims = [] }: PodSpec, status: Pod['status']): boolean =>
      resourceClaims.some(({ resourceClaimName }) => resourceClaimName === name) ||
      (status?.resourceClaimStatuses ?? []).some(({ resourceClaimName }) => resourceClaimName === name);
    const isRelated = this.#isReferenced(node, namespace, (_, { spec, status }) => names(spec!, status));
    return getOnly(attributes) ?? (isRelated ? allow : unrelated(node));
  }

  #usesClaim(node: string, namespace: string, name: string): boolean {
    return this.#isReferenced(
      node,
      namespace,
      ({ claims, ephemeral }, { metadata }) => claims.has(name) || ephemeral.some((volume) => `${metadata.name}-${volume}` === name),
    );
  }

  #usesVolume(node: string, name: string): boolean {
    for (const { value } of this.#claims.list('')) {
      const { metadata, spec } = value as PersistentVolumeClaim;
      if (spec.volumeName === name && this.#usesClaim(node, metadata.namespace!, metadata.name)) return true;
    }
    return false;
  }

  /** Accounts of its Pods: it may read them, for the credentials with which images are pulled, and ask for their tokens. */
  #accountAccess(node: string, attributes: Attributes): Decision {
    const { verb, namespace, name, subresource } = attributes;
    const isUsed = ({ serviceAccount }: References): boolean => serviceAccount === name;
    if (verb === 'get' && subresource === '') return this.#readNamespaced(node, attributes, isUsed);
    if (verb !== 'create' || name === '') return refuse('can only create tokens for individual service accounts');
    if (subresource !== 'token') return refuse('can only create token subresource of serviceaccount');
    return this.#isReferenced(node, namespace, isUsed) ? allow : unrelated(node);
  }

  #podAccess(node: string, { verb, subresource, namespace, name, fieldSelector }: Attributes): Decision {
    if (subresource === 'status') return verb === 'update' || verb === 'patch' ? allow : refuse('can only update or patch pod/status');
    if (subresource === 'eviction') return verb === 'create' ? allow : refuse('can only create pod/eviction');
    if (subresource !== '') return refuse(`cannot access subresource pods/${subresource}`);
    if (verb === 'create' || verb === 'delete') return allow;
    if (verb === 'get') {
      const pod = this.#pods.get(namespace, name) as Pod | undefined;
      return pod?.spec?.nodeName === node ? allow : unrelated(node);
    }
    if (verb !== 'list' && verb !== 'watch') return refuse(`can only list/watch pods with spec.nodeName field selector`);
    const selected = fieldSelector === undefined ? undefined : exactField(parseFieldSelector(fieldSelector), 'spec.nodeName');
    return selected === node ? allow : refuse('can only list/watch pods with spec.nodeName field selector');
  }

  #isReferenced(node: string, namespace: string, refersTo: (references: References, pod: Pod) => boolean): boolean {
    for (const { value } of this.#pods.keyspace.indexed({ index: 'spec.nodeName', value: node })) {
      const pod = value as Pod;
      if (pod.metadata.namespace === namespace && pod.spec && refersTo(this.#referencesOf(pod.spec), pod)) return true;
    }
    return false;
  }

  #referencesOf(spec: PodSpec): References {
    let known = this.#references.get(spec);
    if (!known) this.#references.set(spec, (known = collectReferences(spec)));
    return known;
  }
}

/** authorizeGet: what is wrong before anybody looks for a relation. */
function getOnly({ verb, subresource, name }: Pick<Attributes, 'verb' | 'subresource' | 'name'>): Decision | undefined {
  if (verb !== 'get') return refuse('can only get individual resources of this type');
  if (subresource !== '') return refuse('cannot get subresource');
  return name === '' ? refuse('No Object name found') : undefined;
}

function nodeAccess(node: string, { verb, subresource, name }: Attributes, isInRules: boolean): Decision {
  if (subresource !== '' && subresource !== 'status') return isInRules ? allow : noOpinion;
  if (verb === 'create' || verb === 'update' || verb === 'patch') return allow; // NodeRestriction looks closer.
  if (verb !== 'get' && verb !== 'list' && verb !== 'watch') return refuse('can only read, create, update or patch nodes');
  if (name === node) return allow;
  return refuse(
    name === ''
      ? `node '${node}' cannot read all nodes, only its own Node object`
      : `node '${node}' cannot read '${name}', only its own Node object`,
  );
}

/** authorizeCSINode: a kubelet keeps the object of its own node. */
function csiNodeAccess(node: string, { verb, subresource, name }: Attributes): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return refuse('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return refuse('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node) return refuse('can only access CSINode with the same name as the requesting node');
  return allow;
}

function leaseAccess(node: string, { verb, namespace, name }: Attributes): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
    return refuse('can only get, create, update, patch, or delete a node lease');
  if (namespace !== 'kube-node-lease') return refuse(`can only access leases in the "kube-node-lease" system namespace`);
  if (verb !== 'create' && name !== node) return refuse('can only access node lease with the same name as the requesting node');
  return allow;
}

/** Names in a Pod's spec of what its kubelet must read (pkg/api/v1/pod/util.go, VisitPodSecretNames and the like). */
function collectReferences(spec: PodSpec): References {
  const claims = new Set<string>();
  const ephemeral: string[] = [];
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const add = (set: Set<string>, name: string | undefined): void => void (name && set.add(name));
  for (const { name } of spec.imagePullSecrets ?? []) add(secrets, name);
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add(configMaps, configMapRef?.name);
      add(secrets, secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      add(configMaps, valueFrom?.configMapKeyRef?.name);
      add(secrets, valueFrom?.secretKeyRef?.name);
    }
  }
  for (const volume of spec.volumes ?? []) {
    add(configMaps, volume.configMap?.name);
    add(secrets, volume.secret?.secretName);
    add(claims, volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral) ephemeral.push(volume.name);
    for (const source of volume.projected?.sources ?? []) {
      add(configMaps, source.configMap?.name);
      add(secrets, source.secret?.name);
    }
  }
  return { secrets, configMaps, claims, ephemeral, serviceAccount: spec.serviceAccountName };
}
