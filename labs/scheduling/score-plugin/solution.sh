ls scheduler
kubectl apply -k scheduler
kubectl rollout status deployment/thrifty -n kube-system
kubectl scale deployment errands -n shop --replicas=1
sleep 5
kubectl events -n shop --types=Warning

sed -i "s/return .*/return 100 - Number(node.labels['example.com\/price']);/" scheduler/score.js
kubectl apply -k scheduler
kubectl rollout status deployment/thrifty -n kube-system
kubectl wait -n shop --for=condition=Available deployment/errands --timeout=60s
kubectl scale deployment errands -n shop --replicas=0
sleep 5
kubectl scale deployment errands -n shop --replicas=6
kubectl rollout status deployment/errands -n shop
kubectl get pods -n shop -o wide

cat > scheduler/score.js <<'JS'
function score(pod, node) {
  if (pod.labels.class === 'front') {
    const others = node.pods.filter((other) => other.labels.app === pod.labels.app);
    console.log(pod.name, node.name, others.length);
    return Math.max(0, 100 - 25 * others.length);
  }
  return 100 - Number(node.labels['example.com/price']);
}
JS
kubectl apply -k scheduler
kubectl rollout status deployment/thrifty -n kube-system
kubectl scale deployment guests -n shop --replicas=3
kubectl rollout status deployment/guests -n shop
kubectl get pods -n shop -o wide
kubectl logs -n kube-system deployment/thrifty
