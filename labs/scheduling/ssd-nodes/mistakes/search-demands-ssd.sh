# fails: search
kubectl label node node-2 node-4 disktype=ssd
kubectl label node node-1 node-3 disktype=hdd
kubectl patch deployment database -n library -p '{"spec":{"template":{"spec":{"nodeSelector":{"disktype":"ssd"}}}}}'
kubectl rollout status deployment/database -n library
kubectl patch deployment search -n library -p '{"spec":{"template":{"spec":{"nodeSelector":{"disktype":"ssd"}}}}}'
sleep 30
