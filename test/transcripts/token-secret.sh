# A Secret that holds a token of a ServiceAccount, filled by kube-controller-manager.
kubectl create serviceaccount robot
kubectl create role reader --verb get,list --resource pods
kubectl create rolebinding robot-reads --role reader --serviceaccount default:robot
cat > token.yaml <<'END'
apiVersion: v1
kind: Secret
metadata:
  name: robot-token
  annotations:
    kubernetes.io/service-account.name: robot
type: kubernetes.io/service-account-token
END
kubectl apply -f token.yaml
kubectl describe serviceaccount robot
token=$(kubectl get secret robot-token -o jsonpath='{.data.token}' | base64 -d)
kubectl get secret robot-token -o jsonpath='{.data.ca\.crt}' | base64 -d > ca.crt
server=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}')
kubectl --kubeconfig /dev/null --server $server --certificate-authority ca.crt --token $token auth whoami | sed 's/[0-9a-f-]\{36\}/<uid>/'
kubectl --kubeconfig /dev/null --server $server --certificate-authority ca.crt --token $token get pods
kubectl --kubeconfig /dev/null --server $server --certificate-authority ca.crt --token $token get secrets
# Without the Secret the token is worth nothing, and without its account the Secret goes.
kubectl delete secret robot-token
kubectl --kubeconfig /dev/null --server $server --certificate-authority ca.crt --token $token get pods
kubectl apply -f token.yaml
kubectl delete serviceaccount robot
sleep 2
kubectl get secret robot-token
