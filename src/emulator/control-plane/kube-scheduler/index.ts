/**
 * kube-scheduler: finds a node for each Pod that has none.
 *
 * - One Pod at a time: PreFilter and Filter leave the nodes that will do, Score ranks them, Reserve and Bind write a Binding.
 * - Plugins live in `plugins/<name>/`; `plugins/index.ts` lists them in their order. `framework.ts` has the extension points.
 * - It reads through informers and writes Bindings, Pod conditions, Events, and deletes of Pods that it preempts.
 *
 * Invariants: no Pod is bound to a node that a filter rejects; Pods with another schedulerName are left alone; the cache counts a Pod
 * from the moment of its assumption.
 *
 * Deliberately absent: --config (one profile with the default plugins), extenders, resource claims.
 */
import { connectClient, EventSeriesRecorder, InformerFactory } from '../../client/index.ts';
import type { Program } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { leaderElectionFlags, runElected } from '../component-base/elected.ts';
import type { FlagTypes } from '../component-base/flags.ts';
import { serveHealth } from '../component-base/health.ts';
import { klog } from '../component-base/klog.ts';
import { componentConfig, componentFlags, fail } from '../component-base/start.ts';
import { Scheduler } from './scheduler.ts';

// Differs from Kubernetes: the health port asks nobody who they are, so the kubeconfigs for that are read by nobody.
const flagTypes: FlagTypes = {
  ...leaderElectionFlags,
  'authentication-kubeconfig': 'string',
  'authorization-kubeconfig': 'string',
  'bind-address': 'string',
  kubeconfig: 'string',
  'secure-port': 'integer',
  v: 'integer',
};

/** The program of the image registry.k8s.io/kube-scheduler. */
export const kubeScheduler: Program = function* (sys) {
  const flags = componentFlags(sys, flagTypes);
  const config = componentConfig(sys, flags);
  const { kernel } = sys;
  const client = connectClient({ kernel, net: sys.net, server: config.server, credential: config.credential, agent: 'kube-scheduler' });
  sys.own(() => client.close());
  klog(sys, 'I', 'server.go:173', '"Starting Kubernetes Scheduler" version="v1.34.1"');
  const port = flags.integer('secure-port', 10_259);
  try {
    serveHealth(sys, { address: flags.text('bind-address') ?? '0.0.0.0', port });
  } catch (error) {
    if (!isErrno(error, 'EADDRINUSE')) throw error;
    return fail(
      sys,
      `failed to create listener: failed to listen on ${flags.text('bind-address') ?? '0.0.0.0'}:${port}: bind: address already in use`,
    );
  }
  const start = (): void => {
    const informers = new InformerFactory(kernel, client);
    const recorder = new EventSeriesRecorder(kernel, client, 'default-scheduler', sys.hostname);
    const scheduler = new Scheduler({ kernel, client, informers, recorder, schedulerName: 'default-scheduler' });
    sys.own(() => informers.stop());
    sys.own(() => recorder.stop());
    sys.own(() => scheduler.stop());
    informers.start();
    informers.onSync(() => scheduler.start());
  };
  return yield* runElected(sys, { name: 'kube-scheduler', client, flags, start });
};
