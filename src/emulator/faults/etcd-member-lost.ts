import type { Cluster } from '../cluster/index.ts';
import type { EtcdMember } from '../control-plane/etcd/index.ts';
import type { Call } from '../kernel/index.ts';
import { defineFault } from './fault.ts';
import { machine } from './parameters.ts';
import { killProcess, machineOf } from './site.ts';

const data = '/var/lib/etcd/member';

/** Lets another member lead. A leader that comes new would take the lost one for a newcomer, and send it everything. */
function* handOver(cluster: Cluster, node: string): Call<void> {
  const connection = yield* machineOf(cluster, node).net.connect({ ip: '127.0.0.1', port: 2379 }, { timeoutMs: 5000 });
  const etcd = connection.service.endpoint as EtcdMember;
  const { isLeader, id, members } = etcd.status();
  const other = members.find((member) => member.id !== id && !member.isLearner);
  if (isLeader && other) yield* etcd.moveLeader(other.id);
  connection.close();
}

export const etcdMemberLost = defineFault({
  name: 'etcd-member-lost',
  cause:
    'The disk of a member of etcd is lost: its folder /var/lib/etcd is empty, and its process starts anew. The group knows it still. If it led, another member has led since.',
  symptoms:
    '`crictl ps -a` on the machine shows etcd ending and starting, and `crictl logs` ends in `tocommit(…) is out of range [lastIndex(0)]. Was the raft log corrupted, truncated, or lost?`; where the manifest names fewer members than there are, in `member count is unequal`. `etcdctl endpoint health --cluster` calls the member unhealthy. The API server beside it asks no other member: one request in three fails at the load balancer, and the node, whose kubelet asks that server, turns `NotReady`. The others go on as long as they are a majority.',
  mend: '`etcdctl member remove` and `member add` the same address again, empty /var/lib/etcd on the machine, and name all members in `--initial-cluster` of its manifest: the group then sends it everything. To restart it changes nothing.',
  parameters: { node: machine('the control plane machine; one of several') },
  showsAfterMs: 60_000,
  *inject(cluster, { node }) {
    yield* handOver(cluster, node);
    const { fs } = machineOf(cluster, node);
    if (fs.find(data)) fs.remove(data, { recursive: true });
    killProcess(cluster, node, 'etcd');
  },
});
