# fails: cards
kubectl set image deployment/cards -n gallery cards=registry.example/post-cards:1.0
