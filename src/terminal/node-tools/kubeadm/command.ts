/** What the commands of kubeadm share: how they are described, how they fail, and their way to the cluster. */
import { configMaps } from '../../../emulator/api/core/config-map.ts';
import type { SessionClient } from '../../../emulator/client/index.ts';
import { connectClient, KubeconfigError, loadKubeconfig } from '../../../emulator/client/index.ts';
import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { isErrno } from '../../../emulator/kernel/index.ts';
import { StatusError } from '../../../emulator/machinery/status-error.ts';
import { parseYaml } from '../../../emulator/machinery/yaml.ts';
import type { Arguments, FlagSpec } from '../arguments.ts';

export interface Context extends Arguments {
  readonly sys: Sys;
}

export interface Command {
  readonly flags?: FlagSpec;
  /** None by default. */
  readonly maxWords?: number;
  run(context: Context): Call<number | undefined>;
}

/** What ends kubeadm. 2 is the exit code of a failed check beforehand. */
export class Fatal extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const value = (name: string) => ({ name, takesValue: true });

export const adminKubeconfig = '/etc/kubernetes/admin.conf';
export const manifests = '/etc/kubernetes/manifests';

/** A client by the kubeconfig that `--kubeconfig` names, else the administrator's. It is closed with the process. */
export function connect({ sys, flags }: Context, fallback = adminKubeconfig): SessionClient {
  const path = flags.get('kubeconfig') ?? fallback;
  try {
    const client = connectClient({ kernel: sys.kernel, net: sys.net, ...loadKubeconfig(sys.fs, sys.path(path)), agent: 'kubeadm' });
    sys.own(() => client.close());
    return client;
  } catch (error) {
    if (isErrno(error)) throw new Fatal(`failed to load admin kubeconfig: open ${path}: ${error.message.toLowerCase()}`);
    if (error instanceof KubeconfigError) throw new Fatal(error.message);
    throw error;
  }
}

/** The fields of the ConfigMap kubeadm-config that its commands read. */
export interface ClusterConfiguration {
  readonly kubernetesVersion: string;
  readonly certificateValidityPeriod?: string;
  readonly imageRepository?: string;
  readonly clusterName?: string;
}

/** What kubeadm says before it reads its configuration; `[prefix]` names the command. */
export function* announceConfiguration(sys: Sys, prefix: string): Call<void> {
  yield* sys.print(
    1,
    `[${prefix}] Reading configuration from the "kubeadm-config" ConfigMap in namespace "kube-system"...\n` +
      `[${prefix}] Use 'kubeadm init phase upload-config kubeadm --config your-config-file' to re-upload it.\n`,
  );
}

/** The text of the cluster's configuration. Throws what the client throws. */
export function* readConfiguration(client: SessionClient): Call<{ readonly text: string; readonly configuration: ClusterConfiguration }> {
  const { data } = yield* client.get(configMaps, { namespace: 'kube-system', name: 'kubeadm-config' });
  const text = data?.ClusterConfiguration ?? '';
  return { text, configuration: parseYaml(text) as ClusterConfiguration };
}

/** The cluster's configuration; undefined where it cannot be had. */
export function* configurationOrNone(context: Context): Call<ClusterConfiguration | undefined> {
  try {
    return (yield* readConfiguration(connect(context))).configuration;
  } catch (error) {
    if (error instanceof StatusError || isErrno(error) || error instanceof Fatal) return undefined;
    throw error;
  }
}
