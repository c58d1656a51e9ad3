import { connectClient, InformerFactory, inClusterConfig, KubeconfigError, readToken } from '../../client/index.ts';
import { klog } from '../../control-plane/component-base/klog.ts';
import type { Program, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { Provisioner } from './provisioner.ts';

const needed = ['NFS_SERVER', 'NFS_PATH', 'PROVISIONER_NAME'] as const;

function fatal(sys: Sys, message: string): number {
  klog(sys, 'F', 'provisioner.go:189', message);
  return 255;
}

/** `nfs-subdir-external-provisioner`, configured by its environment alone. */
export const nfsProvisioner: Program = function* (sys) {
  const [server, path, name] = needed.map((variable) => sys.env.get(variable) ?? '') as [string, string, string];
  for (const [i, value] of [server, path, name].entries())
    if (value === '') return fatal(sys, `environment variable ${needed[i]} is not set! Please set it.`);
  let config: ReturnType<typeof inClusterConfig>;
  try {
    config = inClusterConfig(sys.fs, sys.env);
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    return fatal(sys, `Failed to create config: ${error.message}`);
  }
  const { kernel } = sys;
  const credential = function* () {
    return readToken(sys.fs, '/var/run/secrets/kubernetes.io/serviceaccount/token');
  };
  const client = connectClient({ kernel, net: sys.net, ...config, credential, agent: 'nfs-subdir-external-provisioner' });
  const informers = new InformerFactory(kernel, client);
  const identity = `${sys.hostname}_${kernel.random.uuid()}`;
  const log = (message: string): void => klog(sys, 'I', 'controller.go:1317', message);
  const provisioner = new Provisioner({
    kernel,
    client,
    informers,
    fs: sys.fs,
    name,
    server,
    path: path.replace(/\/+$/, ''),
    identity,
    log,
  });
  sys.own(() => client.close());
  sys.own(() => informers.stop());
  sys.own(() => provisioner.stop());
  log(`Starting provisioner controller ${name}_${identity}!`);
  informers.start();
  informers.onSync(() => {
    provisioner.start();
    log(`Started provisioner controller ${name}_${identity}!`);
  });
  yield* sys.pause();
  return 0;
};
