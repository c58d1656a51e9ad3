/** The configuration as --write-config-to writes it: everything that was defaulted stands in it (cmd/kube-scheduler/app/options/configfile.go). */
import type { ConfigurationFile } from './load.ts';
import type { PluginEntry, ProfileConfiguration, SchedulerConfiguration } from './types.ts';
import { extensionPoints } from './types.ts';

const apiVersion = 'kubescheduler.config.k8s.io/v1';

/** A KubeSchedulerConfiguration, to be printed with its fields in alphabetical order. `kubeconfig`: what the scheduler goes by. */
export function configurationToWrite(configuration: SchedulerConfiguration, kubeconfig: string): object {
  const { file, percentageOfNodesToScore, podInitialBackoffMs, podMaxBackoffMs } = configuration;
  const { clientConnection = {} } = file;
  return {
    apiVersion,
    kind: 'KubeSchedulerConfiguration',
    clientConnection: {
      acceptContentTypes: clientConnection.acceptContentTypes ?? '',
      burst: clientConnection.burst ?? 100,
      contentType: clientConnection.contentType ?? 'application/vnd.kubernetes.protobuf',
      kubeconfig,
      qps: clientConnection.qps ?? 50,
    },
    delayCacheUntilActive: file.delayCacheUntilActive ?? false,
    enableContentionProfiling: file.enableContentionProfiling ?? true,
    enableProfiling: file.enableProfiling ?? true,
    ...(file.extenders?.length ? { extenders: file.extenders.map((one) => ({ httpTimeout: '0s', ...one })) } : {}),
    leaderElection: election(configuration, file),
    parallelism: file.parallelism ?? 16,
    percentageOfNodesToScore,
    podInitialBackoffSeconds: podInitialBackoffMs / 1000,
    podMaxBackoffSeconds: podMaxBackoffMs / 1000,
    profiles: configuration.profiles.map(profileToWrite),
  };
}

function election({ leaderElection }: SchedulerConfiguration, { leaderElection: written = {} }: ConfigurationFile): object {
  const { leaderElect, resourceLock, resourceName, resourceNamespace } = leaderElection;
  return {
    leaderElect,
    leaseDuration: written.leaseDuration ?? '15s',
    renewDeadline: written.renewDeadline ?? '10s',
    resourceLock,
    resourceName,
    resourceNamespace,
    retryPeriod: written.retryPeriod ?? '2s',
  };
}

const weighed = ({ name, weight = 0 }: PluginEntry): object => ({ name, weight });

// Unverified: that upstream writes the arguments of plugins in the order of their names.
function profileToWrite({ schedulerName, percentageOfNodesToScore, plugins, pluginConfig }: ProfileConfiguration): object {
  const sets = [...extensionPoints, 'multiPoint' as const].map((point) => {
    const { enabled = [], disabled = [] } = plugins[point] ?? {};
    return [
      point,
      {
        ...(disabled.length > 0 ? { disabled: disabled.map(weighed) } : {}),
        ...(enabled.length > 0 ? { enabled: enabled.map(weighed) } : {}),
      },
    ];
  });
  return {
    ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
    pluginConfig: [...pluginConfig]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, args]) => ({ args: { ...filled(args as object), apiVersion, kind: `${name}Args` }, name })),
    plugins: Object.fromEntries(sets),
    schedulerName,
  };
}

/** Without empty lists. */
const filled = (args: object): object =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)));
