/** From client-side to server-side apply: who owns which field, and what goes. */
import type { Area } from '../area.ts';

const deployment = (container: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [${container}]}
`;
const configMap = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {set: a}}\ndata: ${data}\n`;

export const serverSide: Area = {
  name: 'server-side',
  cluster: 'control-plane',
  files: {
    'web.yaml': deployment('{name: nginx, image: nginx:1.27, ports: [{containerPort: 80, name: http}]}'),
    'no-port.yaml': deployment('{name: nginx, image: nginx:1.27}'),
    'other-image.yaml': deployment('{name: nginx, image: nginx:1.28}'),
    'both.yaml': `${configMap('kept', '{a: "1"}')}---\n${configMap('second', '{a: "1"}')}`,
    'kept.yaml': configMap('kept', '{a: "2"}'),
    'added.yaml': configMap('kept', '{b: "2"}'),
    'svc.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n',
  },
  commands: [
    'apply -f web.yaml',
    'apply -f both.yaml',
    'get cm kept -o yaml --show-managed-fields',
    'apply -f other-image.yaml --server-side',
    'apply -f no-port.yaml --server-side --dry-run=server -o yaml',
    'apply -f no-port.yaml --server-side',
    'get deploy web -o yaml --show-managed-fields',
    'apply view-last-applied deploy web',
    'apply -f no-port.yaml --server-side',
    'apply -f web.yaml',
    'get deploy web -o yaml --show-managed-fields',
    'apply -f added.yaml --server-side --field-manager=other',
    'get cm kept -o yaml --show-managed-fields',
    'apply -f kept.yaml --server-side --field-manager=other',
    'apply -f kept.yaml --server-side --field-manager=other --force-conflicts',
    'get cm kept -o yaml --show-managed-fields',
    'apply view-last-applied cm kept',
    'apply -f both.yaml --server-side',
    'apply -f both.yaml --server-side --force-conflicts',
    'get cm -o yaml --show-managed-fields',
    'create -f svc.yaml --save-config',
    'apply -f svc.yaml --server-side',
    'get svc web -o yaml --show-managed-fields',
  ],
};
