# fails: lasting
ssh node-1 systemctl stop recorder
ssh node-1 rm /var/spool/recorder/everything.raw
sleep 900
