/** What bounds a namespace, and certificates, on a booted cluster: with controllers, kubelets and the learner's shell. */
import { beforeAll, describe, expect, test } from 'vitest';
import { BootedCluster } from './booted-cluster-testing.ts';

let cluster: BootedCluster;

beforeAll(() => {
  cluster = new BootedCluster();
});

test('a request that is approved becomes a user of the cluster', () => {
  const out = cluster.run(`
    openssl genrsa -out jane.key 2048 2>/dev/null
    openssl req -new -key jane.key -out jane.csr -subj "/CN=jane/O=dev"
    openssl req -in jane.csr -noout -subject -verify
    cat <<EOF | kubectl apply -f -
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: jane}
spec: {request: $(base64 -w0 < jane.csr), signerName: kubernetes.io/kube-apiserver-client, expirationSeconds: 86400, usages: [client auth]}
EOF
    kubectl get csr jane --no-headers | awk '{print $1, $3, $4, $5, $6}'
    kubectl certificate approve jane
    sleep 1
    kubectl get csr jane -o jsonpath='{.status.certificate}' | base64 -d > jane.crt
    openssl x509 -in jane.crt -noout -subject -issuer -ext extendedKeyUsage
    openssl verify -CAfile /etc/kubernetes/pki/ca.crt jane.crt
    kubectl config set-credentials jane --client-key=jane.key --client-certificate=jane.crt --embed-certs=true
    kubectl config set-context jane --cluster=kubernetes --user=jane
    kubectl --context jane auth whoami
    kubectl --context jane get pods
    kubectl create rolebinding jane --clusterrole=view --group=dev
    kubectl --context jane get pods`);
  expect(out.replace(/SHA256=[0-9a-f]{64}/, 'SHA256=FINGERPRINT')).toBe(`Certificate request self-signature verify OK
subject=O = dev, CN = jane
certificatesigningrequest.certificates.k8s.io/jane created
jane kubernetes.io/kube-apiserver-client kubernetes-admin 24h Pending
certificatesigningrequest.certificates.k8s.io/jane approved
subject=O = dev, CN = jane
issuer=CN = kubernetes
X509v3 Extended Key Usage: 
    TLS Web Client Authentication
jane.crt: OK
User "jane" set.
Context "jane" created.
ATTRIBUTE                                           VALUE
Username                                            jane
Groups                                              [dev system:authenticated]
Extra: authentication.kubernetes.io/credential-id   [X509SHA256=FINGERPRINT]
Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"
rolebinding.rbac.authorization.k8s.io/jane created
No resources found in default namespace.
`);
});

describe('a namespace with a quota', () => {
  test('stops a Deployment, says why, and lets it go on', () => {
    const out = cluster.run(`
      kubectl create namespace small > /dev/null
      kubectl -n small create quota room --hard=pods=2
      sleep 1
      kubectl -n small create deployment web --image=nginx:1.27 --replicas=3
      sleep 5
      kubectl -n small get deployment web --no-headers | awk '{print $2}'
      kubectl -n small get events | grep -o 'exceeded quota: .*' | sort -u
      kubectl -n small patch quota room -p '{"spec":{"hard":{"pods":"3"}}}'
      sleep 30
      kubectl -n small get deployment web --no-headers | awk '{print $2}'
      kubectl -n small delete deployment web > /dev/null
      sleep 5
      kubectl -n small get quota room --no-headers | awk '{print $2, $3}'`);
    expect(out).toBe(`resourcequota/room created
deployment.apps/web created
2/3
exceeded quota: room, requested: pods=1, used: pods=2, limited: pods=2
resourcequota/room patched
3/3
pods: 0/3
`);
  });

  test('demands what it counts, unless a LimitRange gives it', () => {
    const out = cluster.run(`
      kubectl create namespace counted > /dev/null
      kubectl -n counted create quota room --hard=limits.memory=1Gi
      sleep 1
      kubectl -n counted run web --image=nginx:1.27
      cat <<EOF | kubectl apply -n counted -f -
apiVersion: v1
kind: LimitRange
metadata: {name: usual}
spec: {limits: [{type: Container, default: {memory: 600Mi}}]}
EOF
      kubectl -n counted run web --image=nginx:1.27
      kubectl -n counted run more --image=nginx:1.27
      kubectl describe namespace counted | tail -10`);
    expect(out).toBe(`resourcequota/room created
Error from server (Forbidden): pods "web" is forbidden: failed quota: room: must specify limits.memory for: web
limitrange/usual created
pod/web created
Error from server (Forbidden): pods "more" is forbidden: exceeded quota: room, requested: limits.memory=600Mi, used: limits.memory=600Mi, limited: limits.memory=1Gi
Resource Quotas
  Name:          room
  Resource       Used   Hard
  --------       ---    ---
  limits.memory  600Mi  1Gi

Resource Limits
 Type       Resource  Min  Max  Default Request  Default Limit  Max Limit/Request Ratio
 ----       --------  ---  ---  ---------------  -------------  -----------------------
 Container  memory    -    -    600Mi            600Mi          -
`);
  });
});

test('a strict namespace warns of a workload and refuses its Pods', () => {
  const out = cluster.run(`
    kubectl create namespace strict > /dev/null
    kubectl label namespace strict pod-security.kubernetes.io/enforce=baseline
    cat <<EOF | kubectl apply -n strict -f -
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {hostNetwork: true, containers: [{name: web, image: nginx}]}}
EOF
    sleep 2
    kubectl -n strict get events | grep -o 'violates PodSecurity.*' | sort -u`);
  expect(out).toBe(`namespace/strict labeled
Warning: would violate PodSecurity "baseline:latest": host namespaces (hostNetwork=true)
deployment.apps/web created
violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)
`);
});

test('components are asked how they are', () => {
  expect(cluster.run('kubectl get cs --no-headers')).toBe(
    'Warning: v1 ComponentStatus is deprecated in v1.19+\nscheduler            Healthy   ok    \ncontroller-manager   Healthy   ok    \netcd-0               Healthy   ok    \n',
  );
});
