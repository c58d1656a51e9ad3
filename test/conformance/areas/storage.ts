/** Claims, volumes and classes, on a booted cluster: bound, unbound, impossible, in use, enlarged and gone. */
import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'claims.yaml': `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, labels: {app: web}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: huge}
spec: {storageClassName: manual, accessModes: [ReadWriteMany], resources: {requests: {storage: 900Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: nowhere}
spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1.5}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: copy}
spec: {storageClassName: "", accessModes: [ReadOnlyMany], volumeMode: Block, resources: {requests: {storage: 1Gi}}, dataSource: {kind: PersistentVolumeClaim, name: data}}
`,
  'volumes.yaml': `apiVersion: v1
kind: PersistentVolume
metadata: {name: disk, labels: {type: local}}
spec: {storageClassName: manual, capacity: {storage: 10Gi}, accessModes: [ReadWriteOnce, ReadOnlyMany], hostPath: {path: /mnt/data}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: near}
spec:
  storageClassName: lazy
  capacity: {storage: 5Gi}
  accessModes: [ReadWriteOnce]
  persistentVolumeReclaimPolicy: Delete
  local: {path: /mnt/disk}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - {key: kubernetes.io/hostname, operator: In, values: [node-1, node-2]}
        - {key: disk, operator: Exists}
      - matchExpressions: [{key: a, operator: In, values: [b]}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: cloud}
spec: {capacity: {storage: 1Ti}, accessModes: [ReadWriteOncePod], csi: {driver: ebs.csi.aws.com, volumeHandle: vol-1, fsType: ext4, volumeAttributes: {b: c, a: b}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: lazy}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
mountOptions: [noatime]
allowedTopologies:
- matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [a, b]}]
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: ebs.csi.aws.com}
spec: {tokenRequests: [{audience: aws}]}
---
apiVersion: storage.k8s.io/v1
kind: CSINode
metadata: {name: node-9}
spec: {drivers: [{name: ebs.csi.aws.com, nodeID: i-9, allocatable: {count: 25}, topologyKeys: [zone, region]}]}
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttachment
metadata: {name: csi-1}
spec: {attacher: ebs.csi.aws.com, nodeName: node-1, source: {persistentVolumeName: cloud}}
---
apiVersion: storage.k8s.io/v1
kind: CSIStorageCapacity
metadata: {name: room}
storageClassName: lazy
capacity: 10Gi
---
apiVersion: storage.k8s.io/v1
kind: VolumeAttributesClass
metadata: {name: silver}
driverName: ebs.csi.aws.com
parameters: {iops: "3000"}
`,
  'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: web, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes:
  - {name: data, persistentVolumeClaim: {claimName: data}}
  - name: scratch
    ephemeral: {volumeClaimTemplate: {metadata: {labels: {a: b, c: d}}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}}
  - {name: files, nfs: {server: 172.18.0.1, path: /srv/nfs}}
  - {name: inline, csi: {driver: a.b, volumeAttributes: {x: y}}}
`,
  'bad.yaml': `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: bad}
spec: {accessModes: [RWO], resources: {requests: {memory: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: bad}
spec: {accessModes: [ReadWriteOnce], local: {path: ../x}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: bad}
provisioner: x
volumeBindingMode: Later
`,
};

export const storage: Area = {
  name: 'storage',
  cluster: 'nodes',
  files,
  commands: [
    'kubectl get sc',
    'kubectl describe sc standard',
    'kubectl create -f bad.yaml',
    'kubectl create -f claims.yaml',
    'kubectl apply -f volumes.yaml',
    'settle',
    'kubectl get pv,pvc,sc',
    'kubectl get pvc -o wide',
    'kubectl get pv -o wide',
    'kubectl get csidrivers,csinodes,volumeattachments,csistoragecapacities,vac',
    'kubectl describe pvc huge',
    'kubectl describe pvc nowhere copy',
    'kubectl describe pv disk near cloud',
    'kubectl describe sc lazy',
    'kubectl describe csinode node-9',
    'kubectl describe csidriver ebs.csi.aws.com',
    'kubectl apply -f pod.yaml',
    'settle',
    'kubectl get pvc',
    'kubectl describe pvc data',
    'kubectl describe pod web',
    'kubectl get pvc data -o yaml',
    'kubectl get pv disk -o yaml',
    'kubectl delete pvc data --wait=false',
    'kubectl get pvc data',
    'kubectl describe pvc data',
    'kubectl delete pod web',
    'settle',
    'kubectl get pvc,pv',
    'kubectl delete pv disk',
    'kubectl patch pv near -p {"spec":{"persistentVolumeReclaimPolicy":"Retain"}}',
    'kubectl patch sc lazy -p {"reclaimPolicy":"Retain"}',
    'kubectl patch pvc huge -p {"spec":{"storageClassName":"fast"}}',
    'kubectl patch pvc huge -p {"spec":{"resources":{"requests":{"storage":"1Ti"}}}}',
    'kubectl explain pvc.spec.volumeMode',
    'kubectl explain storageclass.reclaimPolicy',
    'kubectl api-resources --api-group=storage.k8s.io',
    'kubectl delete pvc,pv --all',
  ],
};
