# fails: room
ssh node-1 truncate -s 0 /var/spool/recorder/everything.raw
sleep 500
