kubectl patch deployment darkroom -n studio -p '{"spec":{"template":{"spec":{"containers":[{"name":"darkroom","resources":{"limits":{"memory":"256Mi"}}}]}}}}'
# back to the last version that did not grow
kubectl set image deployment/album -n studio '*=registry.example/album:2.0'
# patient at the start only, by the delay
kubectl patch deployment catalogue -n studio -p '{"spec":{"template":{"spec":{"containers":[{"name":"catalogue","livenessProbe":{"initialDelaySeconds":100}}]}}}}'
