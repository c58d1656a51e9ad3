/** kubectl rollout undo. Upstream: polymorphichelpers/rollback.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { semanticEqual } from '../../../../emulator/machinery/equality.ts';
import { describePodTemplate } from '../../describe/pod-template.ts';
import { CommandError, messageOf } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withField } from '../../json.ts';
import { lastAppliedAnnotation } from '../../last-applied.ts';
import { dryRunStrategy } from '../../printers/print-flags.ts';
import type { Target } from '../../resources/target.ts';
import { targetPath } from '../../resources/target.ts';
import type { Revision } from './history.ts';
import { revisionsOf } from './history.ts';
import { revisionAnnotation } from './status.ts';
import { notImplemented } from './visited.ts';

const hashLabel = 'pod-template-hash';
/** Annotations of a ReplicaSet that say something of it alone. */
const ownAnnotations = [
  lastAppliedAnnotation,
  revisionAnnotation,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];

/** Restores the template of a revision and returns the words of the report. */
export function* rollBack(invocation: Invocation, target: Target, toRevision: number): Call<string> {
  if (toRevision < 0) throw notInHistory(toRevision);
  const { object } = target;
  if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(object.kind)) throw notImplemented('rollbacker', target.resource);
  const revisions = yield* revisionsOf(invocation, target);
  const wanted = wantedRevision(object, revisions, toRevision);
  const dryRun = dryRunStrategy(invocation);
  if (dryRun === 'client' && object.kind === 'Deployment') return describePodTemplate(wanted.template);
  if (dryRun === 'client') return `will roll back to ${describePodTemplate(wanted.template)}`;
  if (object.spec.paused)
    throw new CommandError("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again");
  const template = withoutHash(wanted.template);
  if (semanticEqual(template, withoutHash(object.spec.template)))
    return `skipped rollback (current template already matches revision ${toRevision})`;
  try {
    yield* restore(invocation, target, wanted, template, dryRun === 'server');
  } catch (error) {
    throw new CommandError(`failed restoring revision ${toRevision}: ${messageOf(error)}`);
  }
  return 'rolled back';
}

function* restore(invocation: Invocation, target: Target, wanted: Revision, template: Json, isDryRun: boolean): Call<void> {
  const query = { dryRun: isDryRun ? 'All' : undefined };
  const path = targetPath(target);
  if (target.object.kind !== 'Deployment') {
    yield* invocation.client.request({
      method: 'PATCH',
      path,
      query,
      contentType: 'application/strategic-merge-patch+json',
      body: wanted.object.data,
    });
    return;
  }
  const annotations: Record<string, string> = {};
  for (const [key, value] of Object.entries<string>(target.object.metadata.annotations ?? {}))
    if (ownAnnotations.includes(key)) annotations[key] = value;
  for (const [key, value] of Object.entries<string>(wanted.object.metadata.annotations ?? {}))
    if (!ownAnnotations.includes(key)) annotations[key] = value;
  const body = [
    { op: 'replace', path: '/spec/template', value: template },
    { op: 'replace', path: '/metadata/annotations', value: annotations },
  ];
  yield* invocation.client.request({ method: 'PATCH', path, query, contentType: 'application/json-patch+json', body });
}

function wantedRevision(object: Json, revisions: readonly Revision[], toRevision: number): Revision {
  if (toRevision > 0) {
    const found = revisions.find((one) => one.number === toRevision);
    if (!found) throw notInHistory(toRevision);
    return found;
  }
  const previous = revisions.at(-2);
  if (previous) return previous;
  throw new CommandError(
    object.kind === 'Deployment'
      ? `no rollout history found for deployment ${JSON.stringify(object.metadata.name)}`
      : 'no last revision to roll back to',
  );
}

function notInHistory(revision: number): CommandError {
  return new CommandError(`unable to find specified revision ${revision} in history`);
}

function withoutHash(template: Json): Json {
  return template.metadata?.labels?.[hashLabel] === undefined
    ? template
    : withField(template, ['metadata', 'labels', hashLabel], undefined);
}
