/**
 * What kubectl describe says of an object: a page for each built-in kind, and one for all others.
 * Upstream: kubectl/pkg/describe/describe.go, whose layout these pages follow byte for byte.
 */

import type { Call } from '../../../emulator/kernel/index.ts';
import { parseTime } from '../../../emulator/kernel/index.ts';
import { isForbidden, isNotFound, StatusError } from '../../../emulator/machinery/status-error.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import { podSelectorOf, selectorText } from '../resources/selector-text.ts';
import type { ApiResource } from '../rest/discovery.ts';
import { writeHorizontalPodAutoscaler } from './autoscaling.ts';
import { writeCronJob, writeJob } from './batch.ts';
import { writeConfigMap, writeNamespace, writePriorityClass, writeSecret, writeServiceAccount } from './config.ts';
import { writeGeneric } from './generic.ts';
import { writeEndpointSlice, writeEndpoints, writeService } from './network.ts';
import type { Backend } from './networking.ts';
import { backendsOf, writeIngress, writeIngressClass, writeIPAddress, writeNetworkPolicy, writeServiceCIDR } from './networking.ts';
import { writeNode } from './node.ts';
import { Page } from './page.ts';
import { writePod } from './pod.ts';
import { writeCertificateSigningRequest, writeLimitRange, writeQuota } from './policy.ts';
import { writeRole, writeRoleBinding } from './rbac.ts';
import {
  writeCSINode,
  writePersistentVolume,
  writePersistentVolumeClaim,
  writeStorageClass,
  writeVolumeAttributesClass,
} from './storage.ts';
import type { Related } from './workloads.ts';
import {
  writeDaemonSet,
  writeDeployment,
  writePodDisruptionBudget,
  writeReplicaSet,
  writeReplicationController,
  writeStatefulSet,
} from './workloads.ts';

interface Describer {
  readonly write: (page: Page, object: Json, related: Related) => void;
  /** Other objects that the page tells of. */
  readonly relate?: (invocation: Invocation, object: Json) => Call<Related>;
  readonly hasEvents: boolean;
}

/** By `group/Kind`. */
const describers: Readonly<Record<string, Describer>> = {
  '/Pod': { write: writePod, hasEvents: true },
  '/Node': { write: writeNode, relate: relateNode, hasEvents: true },
  '/Namespace': { write: writeNamespace, relate: relateNamespace, hasEvents: false },
  '/Service': { write: writeService, relate: relateService, hasEvents: true },
  '/Endpoints': { write: writeEndpoints, hasEvents: true },
  '/ReplicationController': { write: writeReplicationController, relate: relatePods, hasEvents: true },
  '/ConfigMap': { write: writeConfigMap, hasEvents: true },
  '/Secret': { write: writeSecret, hasEvents: false },
  '/ServiceAccount': { write: writeServiceAccount, relate: relateServiceAccount, hasEvents: true },
  '/PersistentVolume': { write: writePersistentVolume, hasEvents: true },
  '/PersistentVolumeClaim': { write: writePersistentVolumeClaim, relate: relateClaim, hasEvents: true },
  '/LimitRange': { write: writeLimitRange, hasEvents: false },
  '/ResourceQuota': { write: writeQuota, hasEvents: false },
  'apps/Deployment': { write: writeDeployment, relate: relateDeployment, hasEvents: true },
  'apps/ReplicaSet': { write: writeReplicaSet, relate: relatePods, hasEvents: true },
  'apps/DaemonSet': { write: writeDaemonSet, relate: relatePods, hasEvents: true },
  'apps/StatefulSet': { write: writeStatefulSet, relate: relatePods, hasEvents: true },
  'batch/CronJob': { write: writeCronJob, hasEvents: true },
  'batch/Job': { write: writeJob, hasEvents: true },
  'autoscaling/HorizontalPodAutoscaler': { write: writeHorizontalPodAutoscaler, hasEvents: true },
  'certificates.k8s.io/CertificateSigningRequest': { write: writeCertificateSigningRequest, hasEvents: true },
  'discovery.k8s.io/EndpointSlice': { write: writeEndpointSlice, hasEvents: true },
  'networking.k8s.io/Ingress': { write: writeIngress, relate: relateIngress, hasEvents: true },
  'networking.k8s.io/IngressClass': { write: writeIngressClass, hasEvents: true },
  'networking.k8s.io/IPAddress': { write: writeIPAddress, hasEvents: true },
  'networking.k8s.io/NetworkPolicy': { write: writeNetworkPolicy, hasEvents: false },
  'networking.k8s.io/ServiceCIDR': { write: writeServiceCIDR, hasEvents: true },
  'policy/PodDisruptionBudget': { write: writePodDisruptionBudget, hasEvents: true },
  'scheduling.k8s.io/PriorityClass': { write: writePriorityClass, hasEvents: true },
  'storage.k8s.io/CSINode': { write: writeCSINode, hasEvents: true },
  'storage.k8s.io/StorageClass': { write: writeStorageClass, hasEvents: true },
  'storage.k8s.io/VolumeAttributesClass': { write: writeVolumeAttributesClass, hasEvents: true },
  'rbac.authorization.k8s.io/Role': { write: writeRole, hasEvents: false },
  'rbac.authorization.k8s.io/ClusterRole': { write: writeRole, hasEvents: false },
  'rbac.authorization.k8s.io/RoleBinding': { write: writeRoleBinding, hasEvents: false },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { write: writeRoleBinding, hasEvents: false },
};

export function* describeObject(invocation: Invocation, object: Json, resource: ApiResource): Call<string> {
  const describer = describers[`${resource.group}/${resource.kind}`] ?? { write: writeGeneric, hasEvents: true };
  const related = describer.relate ? yield* describer.relate(invocation, object) : {};
  const events = describer.hasEvents && invocation.flags.bool('show-events') ? yield* eventsOf(invocation, object, resource) : undefined;
  const page = new Page(invocation.sys.kernel.clock.unixMs);
  describer.write(page, object, related);
  page.events(events);
  return page.end();
}

function* list(invocation: Invocation, path: string, query: Readonly<Record<string, string | undefined>> = {}): Call<readonly Json[]> {
  const chunk = invocation.flags.int('chunk-size');
  const answer: Json = yield* invocation.client.request({
    method: 'GET',
    path,
    query: { ...query, limit: chunk > 0 ? String(chunk) : undefined },
  });
  return answer.items;
}

/** Events of an object, the oldest first. A Node's are also found under its name in place of its UID. */
function* eventsOf(invocation: Invocation, object: Json, resource: ApiResource): Call<readonly Json[]> {
  const { name, namespace, uid } = object.metadata;
  const path = namespace ? `/api/v1/namespaces/${namespace}/events` : '/api/v1/events';
  const found: Json[] = [];
  for (const wanted of resource.kind === 'Node' ? [uid, name] : [uid]) {
    const scope = namespace ? `involvedObject.namespace=${namespace},` : '';
    try {
      found.push(
        ...(yield* list(invocation, path, {
          fieldSelector: `involvedObject.name=${name},${scope}involvedObject.kind=${resource.kind},involvedObject.uid=${wanted}`,
        })),
      );
    } catch (error) {
      if (!isForbidden(error)) throw error;
    }
  }
  const time = (event: Json): number =>
    parseTime(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp) ?? 0;
  return found.sort((a, b) => time(a) - time(b));
}

function* relateNode(invocation: Invocation, { metadata: { name } }: Json): Call<Related> {
  let lease: Json;
  let pods: readonly Json[] | undefined;
  try {
    pods = yield* list(invocation, '/api/v1/pods', { fieldSelector: `spec.nodeName=${name},status.phase!=Failed,status.phase!=Succeeded` });
  } catch (error) {
    if (!isForbidden(error)) throw error;
  }
  try {
    lease = yield* invocation.client.request({
      method: 'GET',
      path: `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`,
    });
  } catch (error) {
    if (!isNotFound(error) && !isForbidden(error)) throw error;
  }
  return { lease, ...(pods && { pods }) };
}

function* relateNamespace(invocation: Invocation, { metadata }: Json): Call<Related> {
  const of = function* (resource: string): Call<readonly Json[] | undefined> {
    try {
      return yield* list(invocation, `/api/v1/namespaces/${metadata.name}/${resource}`);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  return { quotas: yield* of('resourcequotas'), limitRanges: yield* of('limitranges') };
}

function* relateService(invocation: Invocation, { metadata }: Json): Call<Related> {
  return {
    endpointSlices: yield* list(invocation, `/apis/discovery.k8s.io/v1/namespaces/${metadata.namespace}/endpointslices`, {
      labelSelector: `kubernetes.io/service-name=${metadata.name}`,
    }),
  };
}

function* relateIngress(invocation: Invocation, object: Json): Call<Related> {
  const { namespace } = object.metadata;
  const backends = new Map<string, Backend>();
  for (const { service: wanted } of backendsOf(object)) {
    if (!wanted || backends.has(wanted.name)) continue;
    try {
      const { endpointSlices = [] } = yield* relateService(invocation, { metadata: { namespace, name: wanted.name } });
      const path = `/api/v1/namespaces/${namespace}/services/${wanted.name}`;
      backends.set(wanted.name, { service: yield* invocation.client.request({ method: 'GET', path }), slices: endpointSlices });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      backends.set(wanted.name, { error: error.message });
    }
  }
  return { backends };
}

function* relateServiceAccount(invocation: Invocation, { metadata }: Json): Call<Related> {
  return { secrets: yield* list(invocation, `/api/v1/namespaces/${metadata.namespace}/secrets`) };
}

function* relateDeployment(invocation: Invocation, { metadata, spec }: Json): Call<Related> {
  const all = yield* list(invocation, `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`, {
    labelSelector: selectorText(spec.selector),
  });
  return {
    replicaSets: all.filter((one) => one.metadata.ownerReferences?.some((owner: Json) => owner.controller && owner.uid === metadata.uid)),
  };
}

function* relatePods(invocation: Invocation, object: Json): Call<Related> {
  const labelSelector = podSelectorOf(object);
  return { pods: yield* list(invocation, `/api/v1/namespaces/${object.metadata.namespace}/pods`, { labelSelector }) };
}

/** The Pods that use a claim, and those that it belongs to. */
function* relateClaim(invocation: Invocation, { metadata }: Json): Call<Related> {
  const owners = new Set(
    (metadata.ownerReferences ?? []).filter((owner: Json) => owner.kind === 'Pod').map((owner: Json) => owner.uid as string),
  );
  const pods = yield* list(invocation, `/api/v1/namespaces/${metadata.namespace}/pods`);
  const uses = (pod: Json): boolean =>
    (pod.spec.volumes ?? []).some((volume: Json) => volume.persistentVolumeClaim?.claimName === metadata.name);
  return { pods: pods.filter((pod) => uses(pod) || owners.has(pod.metadata.uid)) };
}
