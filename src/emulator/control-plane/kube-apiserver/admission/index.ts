/** Admission plugins in the order in which the API server asks them (pkg/kubeapiserver/options/plugins.go). One folder and one line each. */
import { namespaceLifecycle } from './namespace-lifecycle/index.ts';
import type { AdmissionPlugin } from './plugin.ts';

export type { AdmissionAttributes, AdmissionPlugin, Operation } from './plugin.ts';

/** The plugins that are enabled by default, and NodeRestriction, which kubeadm adds. */
export const admissionPlugins: readonly AdmissionPlugin[] = [namespaceLifecycle];
