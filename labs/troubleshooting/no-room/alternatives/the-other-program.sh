# the service may go on, and keeps what it hears for one moment only
ssh node-1 "printf '#!/bin/sh\nwhile true; do truncate -s 0 /var/spool/recorder/everything.raw; sleep 60; done\n' > /usr/local/bin/recorder"
ssh node-1 systemctl restart recorder
ssh node-1 truncate -s 0 /var/spool/recorder/everything.raw
kubectl delete pods --field-selector=status.phase=Failed
sleep 900
