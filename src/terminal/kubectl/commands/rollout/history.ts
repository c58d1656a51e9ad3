/** The revisions of a Deployment (its ReplicaSets), DaemonSet or StatefulSet (their ControllerRevisions). Upstream: polymorphichelpers/history.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { describePodTemplate } from '../../describe/pod-template.ts';
import { CommandError } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { describeTabs, TabWriter } from '../../printers/tabwriter.ts';
import { selectorText } from '../../resources/selector-text.ts';
import type { Target } from '../../resources/target.ts';
import { revisionAnnotation } from './status.ts';
import { notImplemented } from './visited.ts';

const causeAnnotation = 'kubernetes.io/change-cause';

export interface Revision {
  readonly number: number;
  /** The ReplicaSet or ControllerRevision. */
  readonly object: Json;
  readonly template: Json;
  readonly cause: string | undefined;
}

/** The revisions, oldest first. */
export function* revisionsOf(invocation: Invocation, target: Target): Call<readonly Revision[]> {
  const { object } = target;
  const resource = { Deployment: 'replicasets', DaemonSet: 'controllerrevisions', StatefulSet: 'controllerrevisions' }[
    object.kind as string
  ];
  if (resource === undefined) throw notImplemented('history viewer', target.resource);
  const labelSelector = selectorText(object.spec.selector);
  const list: Json = yield* invocation.client.request({
    method: 'GET',
    path: `/apis/apps/v1/namespaces/${target.namespace}/${resource}`,
    query: { labelSelector },
  });
  const owned = (list.items as readonly Json[]).filter((item) =>
    item.metadata.ownerReferences?.some((owner: Json) => owner.uid === object.metadata.uid && owner.controller),
  );
  return owned.map((item) => asRevision(item, object)).sort((a, b) => a.number - b.number);
}

function asRevision(item: Json, owner: Json): Revision {
  const cause = item.metadata.annotations?.[causeAnnotation];
  if (owner.kind === 'Deployment')
    return { number: Number(item.metadata.annotations?.[revisionAnnotation] ?? 0), object: item, template: item.spec.template, cause };
  const template = { ...item.data.spec.template };
  delete template.$patch;
  return { number: item.revision, object: item, template, cause };
}

export function* historyText(invocation: Invocation, target: Target, revision: number): Call<string> {
  const revisions = yield* revisionsOf(invocation, target);
  if (revisions.length === 0) return 'No rollout history found.';
  if (revision > 0) {
    const found = revisions.find((one) => one.number === revision);
    if (!found) throw new CommandError('unable to find the specified revision');
    const annotated =
      found.cause === undefined
        ? found.template
        : {
            ...found.template,
            metadata: {
              ...found.template.metadata,
              annotations: { ...found.template.metadata?.annotations, [causeAnnotation]: found.cause },
            },
          };
    return describePodTemplate(annotated);
  }
  const writer = new TabWriter(describeTabs);
  writer.write('REVISION\tCHANGE-CAUSE\n');
  for (const one of revisions) writer.write(`${one.number}\t${one.cause || '<none>'}\n`);
  return writer.flush();
}

/** The object of one revision, for -o. */
export function* revisionObject(invocation: Invocation, target: Target, revision: number): Call<Json> {
  const found = (yield* revisionsOf(invocation, target)).find((one) => one.number === revision);
  if (!found) throw new CommandError('unable to find the specified revision');
  return found.object;
}
