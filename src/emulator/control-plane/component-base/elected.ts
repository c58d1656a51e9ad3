import type { Client, LeaderElectionTimes } from '../../client/index.ts';
import { defaultLeaderElectionTimes, EventRecorder, LeaderElector } from '../../client/index.ts';
import type { Call, Sys } from '../../kernel/index.ts';
import { WaitQueue } from '../../kernel/index.ts';
import { parseDuration } from '../../machinery/duration.ts';
import type { Flags, FlagTypes } from './flags.ts';
import { klog } from './klog.ts';

/** The flags of leader election, which all components that elect share (k8s.io/component-base/config/options). */
export const leaderElectionFlags: FlagTypes = {
  'leader-elect': 'boolean',
  'leader-elect-lease-duration': 'duration',
  'leader-elect-renew-deadline': 'duration',
  'leader-elect-resource-name': 'string',
  'leader-elect-resource-namespace': 'string',
  'leader-elect-retry-period': 'duration',
};

export interface ElectedComponent {
  readonly name: string;
  readonly client: Client;
  readonly flags: Flags;
  /** Begins the component's work; what it starts is owned by the process. */
  readonly start: () => void;
  /** In whose name the Events about leading are written; the component's unless given. */
  readonly recorderName?: string;
}

/** Runs a component once it leads (at once with --leader-elect=false). Ends, with an exit code, only when it has lost its lease. */
export function* runElected(sys: Sys, { name, client, flags, start, recorderName = name }: ElectedComponent): Call<number> {
  const lost = new WaitQueue();
  let isLost = false;
  if (flags.boolean('leader-elect', true)) {
    const { kernel } = sys;
    const namespace = flags.text('leader-elect-resource-namespace') ?? 'kube-system';
    const lease = flags.text('leader-elect-resource-name') ?? name;
    const recorder = new EventRecorder(kernel, client, { component: recorderName });
    sys.own(() => recorder.stop());
    const identity = `${sys.hostname}_${kernel.random.uuid()}`;
    const log = (text: string): void => klog(sys, 'E', 'leaderelection.go:448', text);
    const elector = new LeaderElector({ kernel, client, recorder, namespace, name: lease, identity, times: timesOf(flags), log });
    klog(sys, 'I', 'leaderelection.go:257', `attempting to acquire leader lease ${namespace}/${lease}...`);
    const lead = function* (): Call<void> {
      yield* elector.acquire();
      klog(sys, 'I', 'leaderelection.go:271', `successfully acquired lease ${namespace}/${lease}`);
      start();
      yield* elector.renew();
      klog(sys, 'I', 'leaderelection.go:297', `failed to renew lease ${namespace}/${lease}: context deadline exceeded`);
      isLost = true;
      lost.wake();
    };
    const fiber = kernel.fiber(lead());
    sys.own(() => fiber.cancel());
  } else start();
  while (!isLost) yield* sys.block(lost, 'pause');
  klog(sys, 'E', 'server.go:342', '"Leaderelection lost"');
  return 1;
}

function timesOf(flags: Flags): LeaderElectionTimes {
  const ms = (flag: string, fallback: number): number => {
    const text = flags.text(flag);
    return text === undefined ? fallback : (parseDuration(text) ?? fallback);
  };
  return {
    leaseDurationMs: ms('leader-elect-lease-duration', defaultLeaderElectionTimes.leaseDurationMs),
    renewDeadlineMs: ms('leader-elect-renew-deadline', defaultLeaderElectionTimes.renewDeadlineMs),
    retryPeriodMs: ms('leader-elect-retry-period', defaultLeaderElectionTimes.retryPeriodMs),
  };
}
