# A scheduler in a few lines. It gives each Pod that waits for the clerk the worker with the fewest Pods.
# It speaks as the ServiceAccount of its own Pod, and may do what that account may do.

workers() { kubectl get nodes -l '!node-role.kubernetes.io/control-plane' --no-headers -o custom-columns=NODE:.metadata.name; }
pods_on() { kubectl get pods -A --field-selector "spec.nodeName=$1" -o name | wc -l; }
emptiest() { for node in $(workers); do echo "$(pods_on "$node") $node"; done | sort -n | head -1 | cut -d ' ' -f 2; }

bind() { # namespace, Pod, node
  echo "{\"apiVersion\":\"v1\",\"kind\":\"Binding\",\"metadata\":{\"name\":\"$2\"},\"target\":{\"kind\":\"Node\",\"name\":\"$3\"}}" |
    kubectl create --raw "/api/v1/namespaces/$1/pods/$2/binding" -f - > /dev/null && echo "$1/$2 goes to $3"
}

while sleep 1; do
  kubectl get pods -A --field-selector spec.schedulerName=clerk,spec.nodeName= -o custom-columns=NS:.metadata.namespace,POD:.metadata.name --no-headers 2>&1 |
    grep -v 'No resources found' |
    while read -r namespace pod; do bind "$namespace" "$pod" "$(emptiest)"; done
done
