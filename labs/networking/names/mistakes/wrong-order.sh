# fails: violin
kubectl set env -n orchestra deployment/violin SCORE=http://library.scores
