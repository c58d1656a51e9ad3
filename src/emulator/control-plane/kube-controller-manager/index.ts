/**
 * kube-controller-manager: the control loops that bring the cluster closer to what its objects ask for.
 *
 * - A controller is a folder with a `Controller` and a line in the list below. Handlers of informers only enqueue keys; a
 *   reconcile compares what is wanted with what is there and takes the next step.
 * - All share one set of informers; each writes under a service account of its own, with the rights that v1.34 gives it.
 * - Only the holder of the lease `kube-system/kube-controller-manager` works.
 *
 * Invariants: controllers never call one another; they meet only through objects. A reconcile may run again at any time.
 *
 * Deliberately absent for now: attaching volumes.
 */
import type { Program } from '../../kernel/index.ts';
import { bootstrapSigner } from './bootstrap-signer/index.ts';
import { certificateApprovingController } from './certificate-approving/index.ts';
import { certificateCleaner } from './certificate-cleaner/index.ts';
import { certificateSigningController } from './certificate-signing/index.ts';
import { clusterRoleAggregationController } from './clusterrole-aggregation/index.ts';
import type { Controller } from './controller.ts';
import { cronJobController } from './cronjob/index.ts';
import { daemonSetController } from './daemonset/index.ts';
import { deploymentController } from './deployment/index.ts';
import { disruptionController } from './disruption/index.ts';
import { endpointsController } from './endpoints/index.ts';
import { endpointSliceController } from './endpointslice/index.ts';
import { ephemeralVolumeController } from './ephemeral-volume/index.ts';
import { endpointSliceMirroringController } from './endpointslicemirroring/index.ts';
import { garbageCollector } from './garbage-collector/index.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler/index.ts';
import { jobController } from './job/index.ts';
import { namespaceController } from './namespace/index.ts';
import { nodeIPAMController } from './node-ipam/index.ts';
import { nodeLifecycleController } from './node-lifecycle/index.ts';
import { persistentVolumeBinder } from './persistentvolume-binder/index.ts';
import { persistentVolumeExpander } from './persistentvolume-expander/index.ts';
import { persistentVolumeProtection } from './persistentvolume-protection/index.ts';
import { persistentVolumeClaimProtection } from './persistentvolumeclaim-protection/index.ts';
import { podGarbageCollector } from './pod-garbage-collector/index.ts';
import { controllerManager } from './program.ts';
import { replicaSetController } from './replicaset/index.ts';
import { replicationController } from './replicationcontroller/index.ts';
import { resourceQuotaController } from './resourcequota/index.ts';
import { rootCACertificatePublisher } from './root-ca-certificate-publisher/index.ts';
import { serviceCIDRsController } from './service-cidrs/index.ts';
import { serviceAccountController } from './serviceaccount/index.ts';
import { serviceAccountTokenController } from './serviceaccount-token/index.ts';
import { statefulSetController } from './statefulset/index.ts';
import { taintEvictionController } from './taint-eviction/index.ts';
import { tokenCleaner } from './token-cleaner/index.ts';
import { ttlAfterFinishedController } from './ttl-after-finished/index.ts';
import { volumeAttributesClassProtection } from './volumeattributesclass-protection/index.ts';
import { validatingAdmissionPolicyStatusController } from './validating-admission-policy-status/index.ts';

export type { Controller, ControllerContext, ControllerSettings } from './controller.ts';

/** Every controller, in the order in which they start. */
export const controllers: readonly Controller[] = [
  serviceAccountTokenController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  replicationController,
  podGarbageCollector,
  resourceQuotaController,
  namespaceController,
  serviceAccountController,
  garbageCollector,
  daemonSetController,
  jobController,
  deploymentController,
  replicaSetController,
  statefulSetController,
  cronJobController,
  horizontalPodAutoscalerController,
  disruptionController,
  certificateSigningController,
  certificateApprovingController,
  certificateCleaner,
  bootstrapSigner,
  tokenCleaner,
  nodeIPAMController,
  nodeLifecycleController,
  taintEvictionController,
  persistentVolumeBinder,
  persistentVolumeExpander,
  clusterRoleAggregationController,
  persistentVolumeClaimProtection,
  persistentVolumeProtection,
  volumeAttributesClassProtection,
  ephemeralVolumeController,
  rootCACertificatePublisher,
  ttlAfterFinishedController,
  serviceCIDRsController,
  validatingAdmissionPolicyStatusController,
];

/** The program of the image registry.k8s.io/kube-controller-manager. */
export const kubeControllerManager: Program = controllerManager(controllers);
