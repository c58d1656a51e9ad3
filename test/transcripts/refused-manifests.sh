cat > typo.yaml <<X
apiVersion: v1
kind: Pod
metadata: {name: typo}
spec:
  replicas: 2
  containers: [{name: web, image: nginx, port: 80}]
X
kubectl apply -f typo.yaml
kubectl apply --validate=false -f typo.yaml
kubectl get pod typo -o jsonpath='{.spec.replicas}'
printf 'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: tab\n' | kubectl apply -f -
printf 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n spec: {}\n' | kubectl apply -f -
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {on: yes}}\nspec: {containers: [{name: a, image: nginx}]}\n' | kubectl apply -f -
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: Bad_Name}\nspec: {containers: [{name: a, image: nginx}]}\n' | kubectl apply -f -
printf 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: "3"\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: nginx}]}}\n' | kubectl apply -f -
printf 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  selector: {matchLabels: {a: b}}\n  template: {metadata: {labels: {a: c}}, spec: {}}\n' | kubectl apply -f -
printf 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: nginx}]}}}\n' | kubectl apply -f -
printf 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\n' | kubectl apply -f -
printf 'apiVersion: example.com/v1\nkind: Backup\nmetadata: {name: b}\n' | kubectl apply -f -
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: nowhere}\n' | kubectl apply -f -
printf 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: "***"}\n' | kubectl apply -f -
printf 'apiVersion: v1\nkind: Service\nmetadata: {name: 9s}\nspec: {ports: [{port: 99999}]}\n' | kubectl apply -f -
head -c 2000000 /dev/zero | tr '\0' a > big.txt
kubectl create configmap big --from-file=big.txt
(printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata:\n  a: '; cat big.txt big.txt big.txt) | kubectl apply -f -
head -c 300 /dev/zero | tr '\0' '\1' | kubectl apply -f -
