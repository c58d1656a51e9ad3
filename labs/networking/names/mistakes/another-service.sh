# fails: tuner
kubectl create service clusterip players-headless -n orchestra --clusterip=None
kubectl set selector service players-headless -n orchestra app=players
