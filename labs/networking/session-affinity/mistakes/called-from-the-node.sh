# fails: scattered
for i in 1 2 3 4 5 6; do curl -s http://$(kubectl get service -n cart cart -o jsonpath='{.spec.clusterIP}'); done
