# fails: found
kubectl exec -n market customer -- wget -qO- -T 2 http://stall
kubectl set selector service stall -n market app=market
