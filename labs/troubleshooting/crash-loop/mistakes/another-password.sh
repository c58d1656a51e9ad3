# fails: mailer
kubectl get configmap front-site -n newsroom -o yaml | sed 's/lisen 8080/listen 8080/' | kubectl apply -f -
kubectl patch configmap ticker -n newsroom -p '{"data":{"wire-url":"http://agency/wire"}}'
kubectl delete pods --all -n newsroom
kubectl create secret generic mailer-login -n newsroom --from-literal=password=changeme
