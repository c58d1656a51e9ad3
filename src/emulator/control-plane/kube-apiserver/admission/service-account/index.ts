/**
 * ServiceAccount: every Pod has an account, and its token mounted where client libraries look for it.
 * Upstream: plugin/pkg/admission/serviceaccount/admission.go.
 */
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../../../../api/generated/types.ts';
import { forbidden } from '../../../../machinery/status-error.ts';
import type { ApiServer } from '../../server.ts';
import { PerSpec } from '../per-spec.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
/** An hour and seven seconds: tells these tokens apart, so that long-lived old clients can be found (WarnOnlyBoundTokenExpirationPeriod). */
const expirationSeconds = 3607;

const specs = new PerSpec();

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}

function mountInto(containers: readonly Container[] | undefined, volume: string): readonly Container[] | undefined {
  return containers?.map((container) => {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some((mount) => mount.mountPath === mountPath)) return container;
    return { ...container, volumeMounts: [...mounts, { name: volume, readOnly: true, mountPath }] };
  });
}

const needsMount = (containers: readonly Container[] | undefined): boolean =>
  containers?.some(({ volumeMounts }) => !volumeMounts?.some((mount) => mount.mountPath === mountPath)) ?? false;

function mountToken(server: ApiServer, spec: PodSpec): PodSpec {
  if (!needsMount(spec.containers) && !needsMount(spec.initContainers)) return spec;
  const existing = spec.volumes?.find(({ name, projected }) => name.startsWith(volumePrefix) && projected);
  // Differs from Kubernetes: Pods of one template share the random end of the volume's name, and so their whole spec.
  const volume = existing?.name ?? volumePrefix + server.kernel.random.suffix();
  return {
    ...spec,
    volumes: existing ? spec.volumes : [...(spec.volumes ?? []), tokenVolume(volume)],
    containers: mountInto(spec.containers, volume)!,
    ...(spec.initContainers ? { initContainers: mountInto(spec.initContainers, volume) } : {}),
  };
}

function accountOf(server: ApiServer, { request, object }: AdmissionAttributes, name: string): ServiceAccount {
  const account = server.store('serviceaccounts').get(request.namespace, name) as ServiceAccount | undefined;
  if (account) return account;
  throw forbidden(
    request.resource,
    object.metadata.name,
    `error looking up service account ${request.namespace}/${name}: serviceaccount "${name}" not found`,
  );
}

function admitMirror({ request, object }: AdmissionAttributes): void {
  const { serviceAccountName, volumes } = (object as Pod).spec!;
  const refuse = (reason: string) => forbidden(request.resource, object.metadata.name, reason);
  if (serviceAccountName) throw refuse('a mirror pod may not reference service accounts');
  if (volumes?.some(({ secret }) => secret)) throw refuse('a mirror pod may not reference secrets');
  if (volumes?.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken))) {
    throw refuse('a mirror pod may not use ServiceAccountToken volume projections');
  }
}

function admit(server: ApiServer, attributes: AdmissionAttributes): Pod {
  const pod = attributes.object as Pod;
  if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    admitMirror(attributes);
    return pod;
  }
  const account = accountOf(server, attributes, pod.spec!.serviceAccountName || 'default');
  return specs.apply(pod, `${account.metadata.uid} ${account.metadata.resourceVersion}`, (old) => {
    const { name } = account.metadata;
    const spec: PodSpec = { ...old, serviceAccountName: name, serviceAccount: name };
    const isMounted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
    const pulls = spec.imagePullSecrets?.length ? spec.imagePullSecrets : account.imagePullSecrets;
    const withPulls = pulls?.length ? { ...spec, imagePullSecrets: pulls } : spec;
    return isMounted ? mountToken(server, withPulls) : withPulls;
  });
}

export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  resources: ['pods'],
  operations: ['CREATE'],
  admit,
};
