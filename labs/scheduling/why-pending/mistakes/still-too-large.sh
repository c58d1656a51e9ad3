# fails: press
kubectl set resources deployment press -n depot --requests=cpu=5
