import { defineFault } from './fault.ts';
import { machine } from './parameters.ts';
import { killProcess, machineOf } from './site.ts';

const data = '/var/lib/etcd/member';

export const etcdMemberLost = defineFault({
  name: 'etcd-member-lost',
  cause: 'The disk of a member of etcd is lost: its folder /var/lib/etcd is empty, and its process starts anew. The group knows it still.',
  symptoms:
    '`crictl ps -a` on the machine shows etcd ending and starting, and `crictl logs` ends in `tocommit(…) is out of range [lastIndex(0)]. Was the raft log corrupted, truncated, or lost?`. `etcdctl endpoint health --cluster` calls the member unhealthy. The API server beside it asks no other member: one request in three fails at the load balancer, and the node, whose kubelet asks that server, turns `NotReady`. The others go on as long as they are a majority.',
  mend: '`etcdctl member remove` and `member add` the same address again, and empty /var/lib/etcd on the machine: the group then sends it everything. To restart it changes nothing.',
  parameters: { node: machine('the control plane machine; one of several') },
  showsAfterMs: 60_000,
  *inject(cluster, { node }) {
    const { fs } = machineOf(cluster, node);
    if (fs.find(data)) fs.remove(data, { recursive: true });
    killProcess(cluster, node, 'etcd');
  },
});
