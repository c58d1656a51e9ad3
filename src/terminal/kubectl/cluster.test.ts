/** kubectl on a booted cluster: what needs kubelets and controllers, such as logs, exec, port-forward and rollouts. */
import { beforeAll, describe, expect, test } from 'vitest';
import { BootedCluster } from './booted-cluster-testing.ts';

let cluster: BootedCluster;
const run = (line: string): string => cluster.run(line);

beforeAll(() => {
  cluster = new BootedCluster();
  expect(run('kubectl create deployment web --image=nginx --replicas=2; kubectl rollout status deploy/web | tail -1')).toBe(
    'deployment.apps/web created\ndeployment "web" successfully rolled out\n',
  );
});

describe('Pods', () => {
  test.each([
    { line: "kubectl exec deploy/web -- sh -c 'echo in; exit 3'; echo $?", want: /^in\ncommand terminated with exit code 3\n3\n$/ },
    { line: 'echo hello | kubectl exec -i deploy/web -- cat', want: /^hello\n$/ },
    { line: 'kubectl exec deploy/web -- no-such-program; echo $?', want: /no-such-program.*\n[1-9]\d*\n$/s },
    { line: 'kubectl logs deploy/web --tail=1', want: /^Found 2 pods, using pod\/web-\w+-\w+\n\d{4}\/\d\d\/\d\d .*\n$/ },
    { line: 'kubectl logs -l app=web --tail=1 --prefix', want: /^(\[pod\/web-\w+-\w+\/nginx\] .*\n){2}$/ },
    {
      line: 'kubectl logs deploy/web -c other',
      want: /^Found 2 pods, using pod\/\S+\nerror: container other is not valid for pod web-\S+\n$/,
    },
    {
      line: 'kubectl port-forward deploy/web 8080:80 & sleep 1; curl -s localhost:8080 | head -1; kill %1',
      want: /^Forwarding from 127\.0\.0\.1:8080 -> 80\nHandling connection for 8080\n<!DOCTYPE html>\n$/,
    },
    { line: 'kubectl run job --image=busybox --restart=Never --rm -i --quiet -- echo done', want: /^done\n$/ },
    {
      line: 'kubectl get pods -w > /tmp/watch & sleep 1; kubectl delete pod -l app=web --wait=false > /dev/null; sleep 5; kill %1; grep -c Terminating /tmp/watch',
      want: /^[2-9]\n$/,
    },
  ])('$line', ({ line, want }) => {
    expect(run(line)).toMatch(want);
  });
});

test('a rollout goes on to the new revision and back', () => {
  const out = run(
    'kubectl set image deploy/web nginx=nginx:1.27; kubectl rollout status deploy/web | tail -1; kubectl rollout undo deploy/web; kubectl rollout status deploy/web | tail -1; kubectl rollout history deploy/web',
  );
  expect(out).toBe(
    'deployment.apps/web image updated\ndeployment "web" successfully rolled out\ndeployment.apps/web rolled back\ndeployment "web" successfully rolled out\n' +
      'deployment.apps/web \nREVISION  CHANGE-CAUSE\n2         <none>\n3         <none>\n\n',
  );
});

test('nodes are cordoned, tainted and told of', () => {
  expect(
    run('kubectl cordon node-1; kubectl cordon node-1; kubectl get node node-1 --no-headers | cut -c1-40; kubectl uncordon node-1'),
  ).toMatch(/^node\/node-1 cordoned\nnode\/node-1 already cordoned\nnode-1 {3}Ready,SchedulingDisabled.*\nnode\/node-1 uncordoned\n$/);
  expect(
    run('kubectl taint node node-2 a=b:NoSchedule; kubectl describe node node-2 | grep ^Taints; kubectl taint node node-2 a-'),
  ).toMatch(/^node\/node-2 tainted\nTaints: +a=b:NoSchedule\nnode\/node-2 untainted\n$/);
});

describe('copies, debugging sessions and a proxy', () => {
  test.each([
    {
      name: 'a directory into a container and back',
      line: 'mkdir -p site/sub; echo one > site/a; echo two > site/sub/b; pod=$(kubectl get pods -l app=web -o name | head -1); kubectl cp site ${pod#pod/}:/tmp; kubectl cp ${pod#pod/}:/tmp/site back; cat back/a back/sub/b',
      want: /^tar: Removing leading `\/' from member names\none\ntwo\n$/,
    },
    {
      name: 'a file that is not there',
      line: 'pod=$(kubectl get pods -l app=web -o name | head -1); kubectl cp ${pod#pod/}:/none x; echo $?; kubectl cp none ${pod#pod/}:/tmp',
      want: /tar: \/none: Cannot stat: No such file or directory\n[\s\S]*command terminated with exit code 2\n2\nerror: none doesn't exist in local filesystem\n$/,
    },
    { name: 'no pod at either end', line: 'kubectl cp a b', want: /^error: one of src or dest must be a remote file specification\n$/ },
    {
      name: 'an ephemeral container',
      line: 'kubectl run box --image=nginx > /dev/null; kubectl wait --for=condition=Ready pod/box > /dev/null; kubectl debug box --image=busybox --profile=general --target=box -c dbg -- sleep 99; sleep 5; kubectl exec box -c dbg -- echo in',
      want: /^Targeting container "box"\. .*\n(Warning: .*\n)?in\n$/,
    },
    {
      name: 'a copy with another image, of which the profile changes nothing',
      line: "kubectl debug box --copy-to=box2 --set-image='*=httpd' --profile=general; kubectl get pod box2 -o jsonpath='{.spec.containers[*].image} {.spec.shareProcessNamespace} {.metadata.labels}'",
      want: /^httpd {2}\{"run":"box"\}$/,
    },
    {
      name: 'a node',
      line: 'kubectl debug node/node-1 --image=busybox --profile=general -i -q -- ls /host/etc/kubernetes 2> /dev/null | head -1',
      want: /^\w/,
    },
    {
      name: 'a proxy, its filter and its files',
      line: 'kubectl proxy --www=site & sleep 1; curl -s localhost:8001/healthz; curl -s localhost:8001/api/v1/namespaces/default/pods/x/exec; curl -s localhost:8001/static/a; kill %1',
      want: /^Starting to serve on 127\.0\.0\.1:8001\nokForbidden\none\n$/,
    },
  ])('$name', ({ line, want }) => {
    expect(run(line)).toMatch(want);
  });
});

describe('what extends the API server', () => {
  const hook = `apiVersion: apps/v1
kind: Deployment
metadata: {name: hook}
spec:
  selector: {matchLabels: {app: hook}}
  template:
    metadata: {labels: {app: hook}}
    spec:
      containers:
      - {name: hook, image: "ghcr.io/inside-kubernetes/admission-webhook:1.0", args: [--service=hook.default.svc, --deny-label=secret, --add-label=team=blue, "--split=hostPort:host,port"]}
---
apiVersion: v1
kind: Service
metadata: {name: hook}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 8443}]}
`;
  const configuration = (kind: string, path: string): string => `apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: hook}
webhooks:
- name: hook.default.svc
  clientConfig: {service: {namespace: default, name: hook, path: ${path}}, caBundle: $CA}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]
  admissionReviewVersions: [v1]
  sideEffects: None
`;

  test('a webhook in a Pod changes, refuses and converts', () => {
    run(`kubectl apply -f - <<'EOF'\n${hook}EOF\nkubectl rollout status deploy/hook`);
    const ca = "CA=$(kubectl logs deploy/hook | sed -n 's/^caBundle: //p')";
    const both = `${configuration('Mutating', '/mutate')}---\n${configuration('Validating', '/check')}`;
    expect(run(`${ca}; kubectl apply -f - <<EOF\n${both}EOF`)).toMatch(/mutating\S+ created\nvalidating\S+ created\n$/);
    expect(run('kubectl create configmap seen; kubectl get configmap seen --show-labels --no-headers')).toMatch(/team=blue\n$/);
    expect(run('kubectl label configmap seen secret=1')).toBe(
      'Error from server: admission webhook "hook.default.svc" denied the request: label "secret" is not allowed\n',
    );
    const tabs = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tabs.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: tabs, kind: Tab}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {host: {type: string}, port: {type: string}}}}}}}
  - {name: v1beta1, served: true, storage: false, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {hostPort: {type: string}}}}}}}
  conversion:
    strategy: Webhook
    webhook:
      conversionReviewVersions: [v1]
      clientConfig: {service: {namespace: default, name: hook, path: /convert}, caBundle: $CA}
`;
    run(`${ca}; kubectl apply -f - <<EOF\n${tabs}EOF\nkubectl wait --for=condition=Established crd/tabs.example.com`);
    const tab = 'apiVersion: example.com/v1beta1\nkind: Tab\nmetadata: {name: one}\nspec: {hostPort: "web:80"}\n';
    expect(run(`kubectl apply -f - <<'EOF'\n${tab}EOF\nkubectl get tab one -o jsonpath='{.spec}'`)).toBe(
      'tab.example.com/one created\n{"host":"web","port":"80"}',
    );
    expect(run('kubectl logs deploy/hook | grep ^Tab | head -1')).toBe(
      'Tab default/one from example.com/v1beta1 to example.com/v1: converted\n',
    );
    run('kubectl delete deploy/hook --wait; kubectl wait --for=delete pod -l app=hook --timeout=60s');
    expect(run('kubectl create configmap unseen')).toMatch(
      /failed calling webhook "hook.default.svc": failed to call webhook: Post "https:.*dial tcp 10\..*connect: /,
    );
    expect(run('kubectl get tabs.v1beta1.example.com one')).toMatch(
      /^Error from server: conversion webhook for example.com\/v1, Kind=Tab failed: Post "https:\S+\/convert\?timeout=30s": dial tcp/,
    );
    run('kubectl delete crd tabs.example.com');
    run(
      'kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration hook; kubectl delete service hook; kubectl delete configmap seen',
    );
  });

  test('a definition serves its kind, and takes it away', () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shirts.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: shirts, kind: Shirt}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {color: {type: string}}}}}}}
`;
    run(
      `kubectl apply -f - <<'EOF'\n${definition}EOF\nkubectl wait --for=condition=Established crd/shirts.example.com; kubectl create namespace shop`,
    );
    const shirt = 'apiVersion: example.com/v1\nkind: Shirt\nmetadata: {name: one, namespace: shop}\nspec: {color: red}\n';
    expect(run(`kubectl apply -f - <<'EOF'\n${shirt}EOF`)).toBe('shirt.example.com/one created\n');
    run('kubectl delete namespace shop');
    expect(run('kubectl get shirts -A')).toBe('No resources found\n');
    expect(run('kubectl delete crd shirts.example.com; sleep 1; kubectl get apiservice v1.example.com')).toMatch(/deleted\n.*not found\n$/);
  });
});
