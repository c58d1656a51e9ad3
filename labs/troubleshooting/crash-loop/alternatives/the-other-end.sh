# the sources get the names that the Deployments ask for
kubectl delete configmap front-site -n newsroom
printf 'server {\n  listen 8080;\n  location / { return 200 "Extra\\n"; }\n}\n' > default.conf
kubectl create configmap front-site -n newsroom --from-file=default.conf
kubectl patch configmap ticker -n newsroom -p '{"data":{"wire-url":"http://agency/wire"}}'
kubectl create secret generic mailer-login -n newsroom --from-literal=password="$(kubectl get secret mail-login -n newsroom -o jsonpath='{.data.password}' | base64 -d)"
kubectl delete pods --all -n newsroom
