/** How far a rollout has come, in a sentence. Upstream: polymorphichelpers/rollout_status.go. */
import { CommandError } from '../../errors.ts';
import type { Json } from '../../json.ts';
import type { ApiResource } from '../../rest/discovery.ts';
import { kindText } from '../../rest/mapper.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';

interface Progress {
  readonly text: string;
  readonly isDone: boolean;
}

export function rolloutStatus(object: Json, resource: ApiResource, revision: number): Progress {
  switch (resource.kind) {
    case 'Deployment':
      return deploymentStatus(object, revision);
    case 'DaemonSet':
      return daemonSetStatus(object);
    case 'StatefulSet':
      return statefulSetStatus(object);
    default:
      throw new CommandError(`no status viewer has been implemented for ${kindText(resource)}`);
  }
}

function deploymentStatus(object: Json, revision: number): Progress {
  const { name } = object.metadata;
  const status = object.status ?? {};
  if (revision > 0) {
    const running = Number(object.metadata.annotations?.[revisionAnnotation] ?? 0);
    if (running !== revision) throw new CommandError(`desired revision (${revision}) is different from the running revision (${running})`);
  }
  const waiting = (text: string) => ({ text, isDone: false });
  if (object.metadata.generation > (status.observedGeneration ?? 0))
    return waiting('Waiting for deployment spec update to be observed...\n');
  const progressing = status.conditions?.find((condition: Json) => condition.type === 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    throw new CommandError(`deployment ${JSON.stringify(name)} exceeded its progress deadline`);
  const [replicas, updated, available] = [status.replicas ?? 0, status.updatedReplicas ?? 0, status.availableReplicas ?? 0];
  const start = `Waiting for deployment ${JSON.stringify(name)} rollout to finish:`;
  if (object.spec.replicas !== undefined && updated < object.spec.replicas)
    return waiting(`${start} ${updated} out of ${object.spec.replicas} new replicas have been updated...\n`);
  if (replicas > updated) return waiting(`${start} ${replicas - updated} old replicas are pending termination...\n`);
  if (available < updated) return waiting(`${start} ${available} of ${updated} updated replicas are available...\n`);
  return { text: `deployment ${JSON.stringify(name)} successfully rolled out\n`, isDone: true };
}

function daemonSetStatus(object: Json): Progress {
  const { name } = object.metadata;
  const status = object.status ?? {};
  if (object.spec.updateStrategy?.type !== 'RollingUpdate') return { text: '', isDone: true };
  if (object.metadata.generation > (status.observedGeneration ?? 0))
    return { text: 'Waiting for daemon set spec update to be observed...\n', isDone: false };
  const [desired, updated, available] = [
    status.desiredNumberScheduled ?? 0,
    status.updatedNumberScheduled ?? 0,
    status.numberAvailable ?? 0,
  ];
  const start = `Waiting for daemon set ${JSON.stringify(name)} rollout to finish:`;
  if (updated < desired) return { text: `${start} ${updated} out of ${desired} new pods have been updated...\n`, isDone: false };
  if (available < desired) return { text: `${start} ${available} of ${desired} updated pods are available...\n`, isDone: false };
  return { text: `daemon set ${JSON.stringify(name)} successfully rolled out\n`, isDone: true };
}

function statefulSetStatus({ metadata, spec, status = {} }: Json): Progress {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') throw new CommandError('rollout status is only available for RollingUpdate strategy type');
  const waiting = (text: string) => ({ text, isDone: false });
  const done = (text: string) => ({ text, isDone: true });
  const observed = status.observedGeneration ?? 0;
  if (observed === 0 || metadata.generation > observed) return waiting('Waiting for statefulset spec update to be observed...\n');
  const [ready, updated] = [status.readyReplicas ?? 0, status.updatedReplicas ?? 0];
  if (ready < spec.replicas) return waiting(`Waiting for ${spec.replicas - ready} pods to be ready...\n`);
  if (rollingUpdate) {
    const wanted = spec.replicas - (rollingUpdate.partition ?? 0);
    if (updated < wanted)
      return waiting(`Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated...\n`);
    return done(`partitioned roll out complete: ${updated} new pods have been updated...\n`);
  }
  if (status.updateRevision !== status.currentRevision)
    return waiting(`waiting for statefulset rolling update to complete ${updated} pods at revision ${status.updateRevision}...\n`);
  return done(`statefulset rolling update complete ${status.currentReplicas ?? 0} pods at revision ${status.currentRevision}...\n`);
}
