/**
 * kube-scheduler: finds a node for each Pod that has none.
 *
 * - One Pod at a time: PreFilter and Filter leave the nodes that will do, Score ranks them, Reserve and Bind write a Binding.
 * - Plugins live in `plugins/<name>/`; `plugins/index.ts` lists them. `framework.ts` has the extension points, `configuration/`
 *   reads the file that --config names, `profile.ts` makes the profiles that it describes.
 * - It reads through informers and writes Bindings, Pod conditions, Events, and deletes of Pods that it preempts.
 * - Every attempt is a decision in the trace (`decisions.ts`), for those who ask why.
 *
 * Invariants: no Pod is bound to a node that a filter rejects; Pods whose schedulerName no profile has are left alone; the cache
 * counts a Pod from the moment of its assumption.
 *
 * Deliberately absent: allocation of devices for resource claims.
 */
import type { Pod } from '../../api/generated/types.ts';
import type { RestConfig } from '../../client/index.ts';
import { connectClient, EventSeriesRecorder, inClusterConfig, InformerFactory, KubeconfigError } from '../../client/index.ts';
import type { Call, Program, Sys } from '../../kernel/index.ts';
import { isErrno, textOf, utf8 } from '../../kernel/index.ts';
import { toYaml } from '../../machinery/yaml.ts';
import { formatDuration, parseDuration } from '../../machinery/duration.ts';
import { leaderElectionFlags, runElected } from '../component-base/elected.ts';
import type { Flags, FlagTypes } from '../component-base/flags.ts';
import { serveHealth } from '../component-base/health.ts';
import { klog, warnWithoutEffect } from '../component-base/klog.ts';
import { releaseOf } from '../component-base/release.ts';
import { componentConfig, componentFlags, fail } from '../component-base/start.ts';
import { defaultConfiguration, loadConfiguration } from './configuration/load.ts';
import type { SchedulerConfiguration } from './configuration/types.ts';
import { ConfigurationError } from './configuration/types.ts';
import { configurationToWrite } from './configuration/write.ts';
import type { ClusterEvent } from './events.ts';
import type { PluginFactory } from './framework.ts';
import { inTreePlugins } from './plugins/index.ts';
import type { Profile } from './profile.ts';
import { makeProfiles } from './profile.ts';
import { defaultQueueSettings } from './queue.ts';
import { Extenders } from './extenders/index.ts';
import { Scheduler } from './scheduler.ts';
import { WaitingPods } from './waiting-pods.ts';

/** Flags that are accepted and change nothing here. */
const idleFlags: FlagTypes = {
  'cert-dir': 'string',
  'client-ca-file': 'string',
  'contention-profiling': 'boolean',
  'feature-gates': 'list',
  'http2-max-streams-per-connection': 'integer',
  'kube-api-burst': 'integer',
  'kube-api-content-type': 'string',
  'kube-api-qps': 'string',
  'log-flush-frequency': 'duration',
  'logging-format': 'string',
  'permit-address-sharing': 'boolean',
  'permit-port-sharing': 'boolean',
  profiling: 'boolean',
  'tls-cert-file': 'string',
  'tls-cipher-suites': 'list',
  'tls-min-version': 'string',
  'tls-private-key-file': 'string',
  vmodule: 'list',
};

// Differs from Kubernetes: the health port asks nobody who they are, so the kubeconfigs for that are read by nobody.
const flagTypes: FlagTypes = {
  ...leaderElectionFlags,
  ...idleFlags,
  'authentication-kubeconfig': 'string',
  'authorization-kubeconfig': 'string',
  'bind-address': 'string',
  config: 'string',
  kubeconfig: 'string',
  'pod-max-in-unschedulable-pods-duration': 'duration',
  'secure-port': 'integer',
  v: 'integer',
  'write-config-to': 'string',
};

/** The program of the image registry.k8s.io/kube-scheduler. */
export const kubeScheduler: Program = schedulerProgram();

/** A scheduler that knows plugins of one's own beside upstream's (app.NewSchedulerCommand with app.WithPlugin). */
export function schedulerProgram(plugins: readonly PluginFactory[] = []): (sys: Sys) => Call<number> {
  return function* (sys) {
    const flags = componentFlags(sys, flagTypes);
    warnWithoutEffect(sys, flags, Object.keys(idleFlags));
    const configuration = configurationOf(sys, flags);
    const config = restConfig(sys, flags, configuration);
    const target = flags.text('write-config-to');
    const { kernel } = sys;
    const client = connectClient({ kernel, net: sys.net, ...config, agent: 'kube-scheduler' });
    sys.own(() => client.close());
    const informers = new InformerFactory(kernel, client);
    let scheduler: Scheduler | undefined;
    const happened = (event: ClusterEvent): void => scheduler?.queue.happened(event);
    const waiting = new WaitingPods();
    const readFile = fileReader(sys);
    const profiles = attempt(sys, () =>
      makeProfiles(configuration, [...inTreePlugins, ...plugins], { kernel, informers, waiting, happened, readFile }),
    );
    if (target)
      return writeConfiguration(
        sys,
        target,
        configurationToWrite(configuration, configuration.kubeconfig || (flags.text('kubeconfig') ?? '')),
      );
    klog(sys, 'I', 'server.go:173', `"Starting Kubernetes Scheduler" version="${releaseOf(sys)}"`);
    listen(sys, flags);
    const start = (): void => {
      scheduler = startScheduler(sys, { client, informers, profiles, waiting, configuration, flags });
    };
    // The Events about leading come from the first profile.
    const recorderName = configuration.profiles[0]!.schedulerName;
    return yield* runElected(sys, { name: 'kube-scheduler', client, flags, start, recorderName });
  };
}

const fileReader =
  (sys: Sys) =>
  (path: string): string | undefined =>
    sys.fs.find(path)?.kind === 'file' ? textOf(sys.fs.readFile(path)) : undefined;

/** Runs what may refuse a configuration; that ends the process with the reason. */
function attempt<T>(sys: Sys, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigurationError) return fail(sys, error.message);
    throw error;
  }
}

/** --write-config-to: the scheduler says what it would run with, and ends. */
function writeConfiguration(sys: Sys, path: string, configuration: object): number {
  try {
    sys.fs.writeFile(path, utf8(toYaml(configuration)));
  } catch (error) {
    if (!isErrno(error)) throw error;
    return fail(sys, `open ${path}: ${error.message.toLowerCase()}`);
  }
  klog(sys, 'I', 'configfile.go:104', `"Wrote configuration" file="${path}"`);
  return 0;
}

function configurationOf(sys: Sys, flags: Flags): SchedulerConfiguration {
  const path = flags.text('config');
  if (!path) return defaultConfiguration();
  const configuration = attempt(sys, () =>
    loadConfiguration(sys.fs, path, (plugin) => {
      klog(sys, 'I', 'default_plugins.go:139', `"Default plugin is explicitly re-configured; overriding" plugin="${plugin}"`);
    }),
  );
  for (const field of configuration.withoutEffect)
    klog(sys, 'W', 'configfile.go:41', `"The field is accepted, but changes nothing in this emulator" field="${field}"`);
  // Of the flags that the file also has, only those of leader election still count.
  const { leaderElection: election } = configuration;
  const times = {
    'lease-duration': election.leaseDurationMs,
    'renew-deadline': election.renewDeadlineMs,
    'retry-period': election.retryPeriodMs,
  };
  for (const [flag, ms] of Object.entries(times)) setUnlessGiven(flags, `leader-elect-${flag}`, formatDuration(ms));
  setUnlessGiven(flags, 'leader-elect', String(election.leaderElect));
  setUnlessGiven(flags, 'leader-elect-resource-name', election.resourceName);
  setUnlessGiven(flags, 'leader-elect-resource-namespace', election.resourceNamespace);
  return configuration;
}

function setUnlessGiven(flags: Flags, name: string, value: string): void {
  if (!flags.has(name)) flags.add(name, value);
}

/** Whom to speak to: with --config the file says it, and --kubeconfig is not looked at. */
function restConfig(sys: Sys, flags: Flags, { kubeconfig }: SchedulerConfiguration): RestConfig {
  if (!flags.text('config')) return componentConfig(sys, flags);
  if (kubeconfig !== '') return componentConfig(sys, flags, kubeconfig);
  const source = 'client_config.go:659';
  klog(sys, 'W', source, 'Neither --kubeconfig nor --master was specified.  Using the inClusterConfig.  This might not work.');
  try {
    return inClusterConfig(sys.fs, sys.env);
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    klog(sys, 'W', 'client_config.go:664', `error creating inClusterConfig, falling back to default config: ${error.message}`);
    return fail(sys, 'invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable');
  }
}

function listen(sys: Sys, flags: Flags): void {
  const port = flags.integer('secure-port', 10_259);
  const address = flags.text('bind-address') ?? '0.0.0.0';
  try {
    serveHealth(sys, { address, port });
  } catch (error) {
    if (!isErrno(error, 'EADDRINUSE')) throw error;
    fail(sys, `failed to create listener: failed to listen on ${address}:${port}: bind: address already in use`);
  }
}

interface Ready {
  readonly client: ReturnType<typeof connectClient>;
  readonly informers: InformerFactory;
  readonly profiles: readonly Profile[];
  readonly waiting: WaitingPods;
  readonly configuration: SchedulerConfiguration;
  readonly flags: Flags;
}

function startScheduler(sys: Sys, { client, informers, profiles, waiting, configuration, flags }: Ready): Scheduler {
  const { kernel } = sys;
  const recorders = new Map(profiles.map(({ name }) => [name, new EventSeriesRecorder(kernel, client, name, sys.hostname)]));
  const longest = flags.text('pod-max-in-unschedulable-pods-duration');
  const queue = {
    initialBackoffMs: configuration.podInitialBackoffMs,
    maxBackoffMs: configuration.podMaxBackoffMs,
    maxUnschedulableMs: (longest === undefined ? undefined : parseDuration(longest)) ?? defaultQueueSettings.maxUnschedulableMs,
  };
  // Unverified: the line number in upstream's log.
  const onError = ({ metadata }: Pod, message: string): void =>
    klog(
      sys,
      'E',
      'schedule_one.go:1095',
      `"Error scheduling pod; retrying" logger="UnhandledError" err=${JSON.stringify(message)} pod="${metadata.namespace}/${metadata.name}"`,
    );
  const log = (message: string): void => klog(sys, 'I', 'schedule_one.go:0', message);
  const way = { net: sys.net, readFile: fileReader(sys), nowMs: () => kernel.clock.unixMs };
  const extenders = attempt(sys, () => new Extenders(configuration.extenders, way, log));
  for (const { urlPrefix } of configuration.extenders) klog(sys, 'I', 'scheduler.go:432', `"Creating extender" extender="${urlPrefix}"`);
  const scheduler = new Scheduler({
    kernel,
    client,
    informers,
    recorder: (name) => recorders.get(name)!,
    profiles,
    waiting,
    queue,
    extenders,
    onError,
  });
  sys.own(() => informers.stop());
  for (const recorder of recorders.values()) sys.own(() => recorder.stop());
  sys.own(() => scheduler.stop());
  informers.start();
  informers.onSync(() => scheduler.start());
  return scheduler;
}
