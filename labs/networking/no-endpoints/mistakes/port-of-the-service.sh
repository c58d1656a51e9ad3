# fails: cake
kubectl patch service -n bakery cake -p '{"spec":{"ports":[{"name":"http","port":80,"targetPort":80}]}}'
