read name
Ada
echo "hello, $name"
cat <<X | (read first; cat)
one
two
X
head -n 1
to head
seq 300000 | wc -l
kubectl get node node-1 -o go-template='{{range $key, $_ := .spec}}{{$key}} {{end}}{{"\n"}}'
x=a; for i in $(seq 40); do x=$x$x; done
echo alive
