/** What kubectl has printed alike since 1.27. */
import type { Area } from '../area.ts';

const files: Readonly<Record<string, string>> = {
  'pod.yaml': `apiVersion: v1
kind: Pod
metadata: {name: solo}
spec:
  nodeName: node-1
  containers: [{name: main, image: busybox, command: [sh, -c, "echo started; sleep 3600"]}]
`,
};

const commands: readonly string[] = [
  'get nodes -o wide',
  'get pods -n kube-system -l tier=control-plane',
  'create namespace shop',
  'create configmap app --from-literal=mode=dev -n shop',
  'get configmap app -n shop -o yaml',
  'patch configmap app -n shop -p \'{"data":{"mode":"prod"}}\'',
  "get cm app -n shop -o jsonpath='{.data.mode}'",
  'label cm app -n shop tier=back',
  'apply -f pod.yaml',
  'wait --for=condition=Ready pod/solo --timeout=60s',
  'get pod solo',
  'logs solo',
  'exec solo -- cat /etc/hostname',
  "exec solo -- sh -c 'exit 4'",
  'create deployment web --image=nginx --replicas=1',
  'rollout status deployment/web',
  'scale deployment/web --replicas=2',
  'get deploy web -o name',
  'auth can-i create pods',
  'get pods nobody',
  'get gadgets',
  'delete configmap app -n shop',
];

export const older: Area = { name: 'older', cluster: 'nodes', files, commands };
