cat > scheduler/score.js <<'JS'
const same = (pod, node) => node.pods.some(({ namespace, labels }) => namespace === pod.namespace && labels.app === pod.labels.app);
const cheap = ({ labels }) => 100 / Number(labels['example.com/price'] || 100);
function score(pod, node) {
  return pod.labels.class === 'front' ? (same(pod, node) ? 0 : 100) : 10 * cheap(node);
}
JS
kubectl kustomize scheduler > all.yaml
kubectl apply -f all.yaml
sleep 20
kubectl scale deployment errands -n shop --replicas=6
kubectl rollout status deployment/errands -n shop
kubectl scale deployment guests -n shop --replicas=3
sleep 20
