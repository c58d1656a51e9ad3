/**
 * The cluster's storage: an NFS server on the host that the nodes' network belongs to, and the provisioner that makes
 * volumes on it for claims of the default class `standard`.
 */
import { deployments } from '../api/apps/deployment.ts';
import { namespaces } from '../api/core/namespace.ts';
import { serviceAccounts } from '../api/core/service-account.ts';
import type { Deployment, StorageClass } from '../api/generated/types.ts';
import type { Kind } from '../api/kind.ts';
import { storageClasses } from '../api/storage/storage-class.ts';
import type { Call, NetNamespace } from '../kernel/index.ts';
import { directoryInode } from '../kernel/index.ts';
import type { ApiObject, Draft } from '../machinery/objects.ts';
import { serveNfs } from '../node/network/index.ts';
import { systemVersions } from './versions.ts';

const namespace = 'nfs-provisioner';
const serviceAccount = 'nfs-client-provisioner';
const provisioner = 'k8s-sigs.io/nfs-subdir-external-provisioner';
const exportPath = '/srv/nfs';

/** Exports an empty folder from the host. */
export function serveStorage(host: NetNamespace): void {
  serveNfs(host, new Map([[exportPath, directoryInode(0o777)]]));
}

const storageClass = (): Draft<StorageClass> => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner,
  parameters: { archiveOnDelete: 'false' },
  allowVolumeExpansion: true,
});

const deployment = (server: string): Draft<Deployment> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'nfs-client-provisioner', namespace, labels: { app: 'nfs-client-provisioner' } },
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: { app: 'nfs-client-provisioner' } },
    template: {
      metadata: { labels: { app: 'nfs-client-provisioner' } },
      spec: {
        serviceAccountName: serviceAccount,
        // On the control plane: workers are the learner's.
        nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
        tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }],
        containers: [
          {
            name: 'nfs-client-provisioner',
            image: `registry.k8s.io/sig-storage/nfs-subdir-external-provisioner:${systemVersions.nfsProvisioner}`,
            volumeMounts: [{ name: 'nfs-client-root', mountPath: '/persistentvolumes' }],
            env: [
              { name: 'PROVISIONER_NAME', value: provisioner },
              { name: 'NFS_SERVER', value: server },
              { name: 'NFS_PATH', value: exportPath },
            ],
          },
        ],
        volumes: [{ name: 'nfs-client-root', nfs: { server, path: exportPath } }],
      },
    },
  },
});

/** Makes the objects of the add-on, each with `make`. */
export function* installStorage(server: string, make: <T extends ApiObject>(kind: Kind<T>, object: Draft<T>) => Call<void>): Call<void> {
  yield* make(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace }, spec: {} });
  yield* make(storageClasses, storageClass());
  yield* make(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: serviceAccount } });
  yield* make(deployments, deployment(server));
}
