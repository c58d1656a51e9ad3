/** What may make a Pod fit that InterPodAffinity rejected (interpodaffinity/plugin.go, isSchedulableAfter…). */
import type { Node, Pod } from '../../../../api/generated/types.ts';
import type { NodeCache } from '../../cache/node-cache.ts';
import type { ClusterEvent } from '../../events.ts';
import type { Plugin } from '../../framework.ts';
import type { Sort } from './terms.ts';
import { termOf, termsOf } from './terms.ts';

/** Whether a Pod is one of whom all the terms of another speak; without terms it is not. */
function isMeant(pod: Pod, sort: Sort, other: Pod, cache: NodeCache): boolean {
  const terms = termsOf(pod, sort);
  return terms.length > 0 && terms.every(({ term }) => termOf(term, pod, cache).matches(other));
}

/** Whether a Pod's own anti-affinity speaks against the one that waits. */
const repels = (other: Pod, pod: Pod, cache: NodeCache): boolean =>
  termsOf(other, 'requiredAntiAffinity').some(({ term }) => termOf(term, other, cache).matches(pod));

/** Whether a node got, lost or changed the key of a term in the way that may help. */
function movesDomain(pod: Pod, sort: Sort, { before, after }: ClusterEvent): boolean {
  const [was, is] = [(before as Node | undefined)?.metadata.labels, (after as Node).metadata.labels];
  return termsOf(pod, sort).some(({ term: { topologyKey: key } }) => {
    if (before === undefined) return sort === 'requiredAntiAffinity' || is?.[key] !== undefined;
    return was?.[key] !== is?.[key] && (sort === 'requiredAntiAffinity' ? was?.[key] !== undefined : is?.[key] !== undefined);
  });
}

export function wakesWith(cache: () => NodeCache): NonNullable<Plugin['wakes']> {
  const moved = (pod: Pod, event: ClusterEvent): boolean =>
    movesDomain(pod, 'requiredAffinity', event) || movesDomain(pod, 'requiredAntiAffinity', event);
  /** It is others that keep such a Pod away. */
  const hasNoTerms = (pod: Pod): boolean => termsOf(pod, 'requiredAffinity').length + termsOf(pod, 'requiredAntiAffinity').length === 0;
  return {
    'AssignedPod/Add': (pod, { after }) => isMeant(pod, 'requiredAffinity', after as Pod, cache()),
    // Unverified: that a Pod is woken when one goes whose own anti-affinity kept it away.
    'AssignedPod/Delete': (pod, { before }) =>
      isMeant(pod, 'requiredAntiAffinity', before as Pod, cache()) || repels(before as Pod, pod, cache()),
    'AssignedPod/UpdatePodLabel': (pod, { before, after }) => {
      const [was, is] = [before as Pod, after as Pod];
      const comes = !isMeant(pod, 'requiredAffinity', was, cache()) && isMeant(pod, 'requiredAffinity', is, cache());
      return comes || (isMeant(pod, 'requiredAntiAffinity', was, cache()) && !isMeant(pod, 'requiredAntiAffinity', is, cache()));
    },
    'UnscheduledPod/UpdatePodLabel': (pod, { after }) => (after as Pod).metadata.uid === pod.metadata.uid,
    // Unverified: that a new node wakes a Pod which others keep away.
    'Node/Add': (pod, event) => hasNoTerms(pod) || moved(pod, event),
    'Node/UpdateNodeLabel': moved,
  };
}
