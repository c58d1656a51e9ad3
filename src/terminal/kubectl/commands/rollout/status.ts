/** How far a rollout has come, in a sentence. Upstream: polymorphichelpers/rollout_status.go. */
import { CommandError } from '../../errors.ts';
import type { Json } from '../../json.ts';

export const revisionAnnotation = 'deployment.kubernetes.io/revision';

export function rolloutStatus(object: Json, revision: number): { readonly text: string; readonly isDone: boolean } {
  switch (object.kind) {
    case 'Deployment':
      return deploymentStatus(object, revision);
    case 'DaemonSet':
      return daemonSetStatus(object);
    default:
      throw new CommandError(`no status viewer has been implemented for ${object.kind}`);
  }
}

function deploymentStatus(object: Json, revision: number): { readonly text: string; readonly isDone: boolean } {
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

function daemonSetStatus(object: Json): { readonly text: string; readonly isDone: boolean } {
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
