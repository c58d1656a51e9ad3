# fails: scanner
kubectl label nodes --all depot.example/reader=barcode
