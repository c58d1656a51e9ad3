import type { EtcdEndpoint } from '../control-plane/etcd/index.ts';
import { writeSnapshot } from '../control-plane/etcd/index.ts';
import { utf8 } from '../kernel/index.ts';
import { defineFault } from './fault.ts';
import { machine, name } from './parameters.ts';
import { machineOf } from './site.ts';

export const snapshotSaved = defineFault({
  name: 'snapshot-saved',
  cause:
    'A snapshot of etcd is saved in a file on a control plane machine, as a nightly job does. No fault by itself: what is lost afterwards can be brought back from it.',
  symptoms: 'The file is there, and `etcdutl snapshot status` reads it.',
  mend: 'Nothing is broken.',
  parameters: {
    node: machine('the control plane machine', 'control-plane'),
    path: name('the file, without the slash at its beginning', 'var/backups/etcd.db'),
  },
  showsAfterMs: 1000,
  *inject(cluster, { node, path }) {
    const { fs, net } = machineOf(cluster, node);
    const connection = yield* net.connect({ ip: '127.0.0.1', port: 2379 }, { timeoutMs: 5000 });
    const { data } = connection.service.endpoint as EtcdEndpoint;
    fs.mkdirs(`/${path}`.slice(0, path.lastIndexOf('/') + 1));
    fs.writeFile(`/${path}`, utf8(writeSnapshot(data)), 0o600);
    connection.close();
  },
});
