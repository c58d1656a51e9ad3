kubectl run crash --image=busybox --restart=Always -- sh -c 'echo bye; exit 3'
state() { kubectl get pod crash -o jsonpath='{.status.containerStatuses[0].restartCount}{" restarts "}{.status.containerStatuses[0].lastState.terminated.exitCode}{"\n"}'; }
sleep 8; state
sleep 14; state
sleep 20; state
sleep 45; state
sleep 600; state
kubectl get pod crash -o jsonpath='{.status.containerStatuses[0].state.waiting.message}{"\n"}'
kubectl logs crash --previous
kubectl exec crash -- ls
kubectl run unknown --image=nginx:nowhere
sleep 60
kubectl get pod unknown -o jsonpath='{.status.containerStatuses[0].state.waiting.message}{"\n"}'
kubectl logs unknown
kubectl exec unknown -- ls
kubectl run chatty --image=busybox -- yes "a line that never ends"
sleep 4
kubectl logs chatty | head -n 2
kubectl logs chatty --tail=1
kubectl delete pod chatty unknown crash --now
