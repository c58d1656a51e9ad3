/** Every controller, in the order in which they start. Adding one is a folder here and a line. */
import { clusterRoleAggregationController } from './clusterrole-aggregation/index.ts';
import type { Controller } from './controller.ts';
import { daemonSetController } from './daemonset/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption/index.ts';
import { endpointsController } from './endpoints/index.ts';
import { endpointSliceController } from './endpointslice/index.ts';
import { garbageCollector } from './garbage-collector/index.ts';
import { namespaceController } from './namespace/index.ts';
import { nodeIPAMController } from './node-ipam/index.ts';
import { nodeLifecycleController } from './node-lifecycle/index.ts';
import { podGarbageCollector } from './pod-garbage-collector/index.ts';
import { replicaSetController } from './replicaset/index.ts';
import { rootCACertificatePublisher } from './root-ca-certificate-publisher/index.ts';
import { serviceAccountController } from './serviceaccount/index.ts';
import { taintEvictionController } from './taint-eviction/index.ts';

export const controllers: readonly Controller[] = [
  endpointsController,
  endpointSliceController,
  podGarbageCollector,
  namespaceController,
  serviceAccountController,
  garbageCollector,
  daemonSetController,
  deploymentController,
  replicaSetController,
  disruptionController,
  nodeIPAMController,
  nodeLifecycleController,
  taintEvictionController,
  clusterRoleAggregationController,
  rootCACertificatePublisher,
];
