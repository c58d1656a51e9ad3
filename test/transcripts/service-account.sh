kubectl create serviceaccount reader
kubectl create role pod-reader --verb=get,list --resource=pods
kubectl create rolebinding read-pods --role=pod-reader --serviceaccount=default:reader
kubectl run inside --image=curlimages/curl --overrides='{"spec": {"serviceAccountName": "reader"}}' --command -- sleep infinity
kubectl wait --for=condition=Ready pod/inside
cat > ask.sh <<'X'
mount=/var/run/secrets/kubernetes.io/serviceaccount
ask() { curl -s --cacert $mount/ca.crt -H "Authorization: Bearer $(cat $mount/token)" "$@" | grep -E '"(kind|message|code)":' | head -n 3; }
ask https://kubernetes/api/v1/namespaces/default/pods
ask https://kubernetes/api/v1/namespaces/default/secrets
ask -X DELETE https://kubernetes.default.svc/api/v1/namespaces/default/pods/inside
ask -H 'Authorization: Bearer stolen' https://kubernetes/api/v1/pods
curl -sS https://kubernetes/api; echo $?
X
kubectl exec -i inside -- sh < ask.sh
kubectl get secrets --token=$(kubectl create token reader) --kubeconfig=/dev/null --server=https://172.18.0.2:6443 --insecure-skip-tls-verify
kubectl get pods -o name --as=system:serviceaccount:default:reader
kubectl delete pod inside --as=system:serviceaccount:default:reader
kubectl auth can-i list pods --as=system:serviceaccount:default:reader
kubectl auth can-i list pods -n kube-system --as=system:serviceaccount:default:reader; echo $?
kubectl create role all --verb='*' --resource='*' --as=system:serviceaccount:default:reader
ssh node-1 'export KUBECONFIG=/etc/kubernetes/kubelet.conf; kubectl auth whoami; kubectl get node node-1 -o name; kubectl get nodes; kubectl get node node-2; kubectl label node node-1 team=a; kubectl label node node-2 team=a; kubectl label node node-1 node-role.kubernetes.io/control-plane=; kubectl get pods; kubectl delete node node-2'
