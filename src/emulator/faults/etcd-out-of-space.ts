import type { EtcdEndpoint } from '../control-plane/etcd/index.ts';
import { EtcdError } from '../control-plane/etcd/index.ts';
import { FaultError, defineFault } from './fault.ts';
import { machine } from './parameters.ts';
import { machineOf } from './site.ts';

/** Of values, the largest that fits first. The largest request that etcd takes is a little more than the first. */
const sizes = [1_048_576, 65_536, 4096];

export const etcdOutOfSpace = defineFault({
  name: 'etcd-out-of-space',
  cause: 'Somebody has written one large key again and again, until the database of etcd was as large as its quota (2 GiB).',
  symptoms:
    'Every write fails with `etcdserver: mvcc: database space exceeded`, so nodes turn `NotReady` after a while, since their Leases cannot be renewed. Reads go on. `etcdctl alarm list` says `NOSPACE`, and `etcdctl endpoint status` shows a `DB SIZE` above the quota.',
  mend: '`etcdctl compaction`, `etcdctl defrag` and `etcdctl alarm disarm`, in this order. To disarm alone helps until the next write.',
  parameters: { node: machine('a control plane machine', 'control-plane') },
  showsAfterMs: 5000,
  *inject(cluster, { node }) {
    const connection = yield* machineOf(cluster, node).net.connect({ ip: '127.0.0.1', port: 2379 }, { timeoutMs: 5000 });
    const etcd = connection.service.endpoint as EtcdEndpoint | undefined;
    if (!etcd) throw new FaultError(`no etcd serves on ${node}`);
    const place = etcd.data.locate('/scratch/fill');
    try {
      for (;;) {
        const { quotaBytes, dbSizeBytes } = etcd.status();
        const bytes = sizes.find((size) => size < quotaBytes - dbSizeBytes) ?? sizes.at(-1);
        yield* etcd.txn({ compare: [], success: [{ type: 'put', ...place, value: { raw: 'x' }, bytes }] });
      }
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error;
    } finally {
      connection.close();
    }
  },
});
