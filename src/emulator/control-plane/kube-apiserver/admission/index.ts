/**
 * Admission plugins in the order in which the API server asks them (pkg/kubeapiserver/options/plugins.go). One folder and one line each.
 * Absent of those that v1.34 enables: ClusterTrustBundleAttest and PodTopologyLabels, whose features are off.
 */
import { certificateApproval } from './certificate-approval/index.ts';
import { certificateSigning } from './certificate-signing/index.ts';
import { certificateSubjectRestriction } from './certificate-subject-restriction/index.ts';
import { defaultIngressClass } from './default-ingress-class/index.ts';
import { defaultStorageClass } from './default-storage-class/index.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds/index.ts';
import { imagePolicyWebhook } from './image-policy-webhook/index.ts';
import { limitRanger } from './limit-ranger/index.ts';
import { mutatingWebhook } from './mutating-webhook/index.ts';
import { namespaceLifecycle } from './namespace-lifecycle/index.ts';
import { nodeRestriction } from './node-restriction/index.ts';
import { persistentVolumeClaimResize } from './persistent-volume-claim-resize/index.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { podSecurity } from './pod-security/index.ts';
import { priority } from './priority/index.ts';
import { resourceQuota } from './resource-quota/index.ts';
import { runtimeClass } from './runtime-class/index.ts';
import { serviceAccount } from './service-account/index.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection/index.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition/index.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy/index.ts';
import { validatingWebhook } from './validating-webhook/index.ts';

export type { AdmissionAttributes, AdmissionPlugin, Operation } from './plugin.ts';

/** The plugins that are enabled by default, NodeRestriction, which kubeadm adds, and ImagePolicyWebhook. */
export const admissionPlugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  imagePolicyWebhook,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  runtimeClass,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  defaultIngressClass,
  mutatingWebhook,
  validatingAdmissionPolicy,
  validatingWebhook,
  resourceQuota,
];
