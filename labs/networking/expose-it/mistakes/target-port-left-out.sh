# fails: staff
kubectl expose deployment museum -n museum --port=80
