/**
 * Filtering and scoring once more, slow and obvious: every question is answered by walking over all nodes and all Pods on
 * them, as upstream's text has it. The scheduler's counters and columns must come to the same.
 */
import { matchesNode, matchesTerm } from '../../api/core/node-selector.ts';
import { tolerates } from '../../api/core/toleration.ts';
import type { LabelSelector, Node, Pod, PodAffinityTerm, TopologySpreadConstraint } from '../../api/generated/types.ts';
import { selectorFromObject } from '../../machinery/labels.ts';
import { milliValue, quantityValue } from '../../machinery/quantity.ts';

export interface World {
  readonly nodes: readonly { readonly node: Node; readonly pods: readonly Pod[] }[];
  readonly namespaceLabels: (name: string) => Readonly<Record<string, string>> | undefined;
  readonly defaultSelector: (pod: Pod) => LabelSelector | undefined;
}

type Place = World['nodes'][number];

const host = 'kubernetes.io/hostname';
const labelOf = ({ node }: Place, key: string): string | undefined => node.metadata.labels?.[key];
const selects = (selector: LabelSelector | undefined, pod: Pod): boolean => selectorFromObject(selector).matches(pod.metadata.labels);

// Resources ------------------------------------------------------------------

const amount = (name: string, quantity: string | undefined): number =>
  quantity === undefined ? 0 : name === 'cpu' ? milliValue(quantity) : quantityValue(quantity);

const request = (pod: Pod, name: string): number =>
  pod.spec.containers.reduce((sum, { resources }) => sum + amount(name, resources?.requests?.[name]), 0);

function requestOrDefault(pod: Pod, name: 'cpu' | 'memory'): number {
  const fallback = name === 'cpu' ? 100 : 200 * 1024 * 1024;
  return pod.spec.containers.reduce((sum, { resources }) => {
    const own = resources?.requests?.[name];
    return sum + (own === undefined ? fallback : amount(name, own));
  }, 0);
}

const capacity = ({ node }: Place, name: string): number => amount(name, node.status?.allocatable?.[name]);
const total = (place: Place, of: (pod: Pod) => number): number => place.pods.reduce((sum, pod) => sum + of(pod), 0);

function shortages(pod: Pod, place: Place): string[] {
  const reasons: string[] = [];
  if (place.pods.length + 1 > capacity(place, 'pods')) reasons.push('Too many pods');
  for (const name of ['cpu', 'memory', 'example.com/gpu']) {
    const wanted = request(pod, name);
    if (wanted > 0 && wanted > capacity(place, name) - total(place, (other) => request(other, name))) reasons.push(`Insufficient ${name}`);
  }
  return reasons;
}

// Terms between Pods ---------------------------------------------------------

function speaksOf(owner: Pod, term: PodAffinityTerm, other: Pod, world: World): boolean {
  const { namespaces = [], namespaceSelector, labelSelector } = term;
  const name = other.metadata.namespace!;
  const isNamed = namespaces.length === 0 && !namespaceSelector ? name === owner.metadata.namespace : namespaces.includes(name);
  const isSelected = namespaceSelector !== undefined && selectorFromObject(namespaceSelector).matches(world.namespaceLabels(name));
  return (isNamed || isSelected) && selects(labelSelector, other);
}

const requiredTerms = (pod: Pod, which: 'podAffinity' | 'podAntiAffinity'): readonly PodAffinityTerm[] =>
  pod.spec.affinity?.[which]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
const preferredTerms = (pod: Pod, which: 'podAffinity' | 'podAntiAffinity') =>
  pod.spec.affinity?.[which]?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

/** Pods in the same domain as a place, for a key that the place has. */
function* neighbours(world: World, place: Place, key: string): Iterable<Pod> {
  const value = labelOf(place, key);
  if (value === undefined) return;
  for (const other of world.nodes) if (labelOf(other, key) === value) yield* other.pods;
}

const some = (items: Iterable<Pod>, test: (pod: Pod) => boolean): boolean => {
  for (const item of items) if (test(item)) return true;
  return false;
};

function affinityFails(pod: Pod, place: Place, world: World): boolean {
  const terms = requiredTerms(pod, 'podAffinity');
  if (terms.length === 0) return false;
  if (terms.some(({ topologyKey }) => labelOf(place, topologyKey) === undefined)) return true;
  const isMeant = (other: Pod): boolean => terms.every((term) => speaksOf(pod, term, other, world));
  if (terms.every(({ topologyKey }) => some(neighbours(world, place, topologyKey), isMeant))) return false;
  const anywhere = world.nodes.some(
    (other) => other.pods.some(isMeant) && terms.some((term) => labelOf(other, term.topologyKey) !== undefined),
  );
  return anywhere || !isMeant(pod);
}

// Spreading ------------------------------------------------------------------

function isIncluded(pod: Pod, constraint: TopologySpreadConstraint, { node }: Place): boolean {
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNode(pod, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  return (node.spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(pod.spec.tolerations, taint));
}

const counted = (place: Place, selector: LabelSelector | undefined, namespace: string | undefined): number =>
  selectorFromObject(selector).isEverything
    ? 0
    : place.pods.filter((other) => other.metadata.namespace === namespace && !other.metadata.deletionTimestamp && selects(selector, other))
        .length;

/** Pods by value of the key, over the nodes that count. */
function domains(
  pod: Pod,
  constraint: TopologySpreadConstraint,
  selector: LabelSelector | undefined,
  places: readonly Place[],
): Map<string, number> {
  const found = new Map<string, number>();
  for (const place of places) {
    if (!isIncluded(pod, constraint, place)) continue;
    const value = labelOf(place, constraint.topologyKey) ?? '';
    found.set(value, (found.get(value) ?? 0) + counted(place, selector, pod.metadata.namespace));
  }
  return found;
}

function spreadFailure(pod: Pod, place: Place, world: World): string | undefined {
  const hard = (pod.spec.topologySpreadConstraints ?? []).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  const eligible = world.nodes.filter((other) => hard.every(({ topologyKey }) => labelOf(other, topologyKey) !== undefined));
  for (const constraint of hard) {
    const value = labelOf(place, constraint.topologyKey);
    if (value === undefined) return "node(s) didn't match pod topology spread constraints (missing required label)";
    const byValue = domains(pod, constraint, constraint.labelSelector, eligible);
    const least = byValue.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...byValue.values(), Number.POSITIVE_INFINITY);
    const own = selects(constraint.labelSelector, pod) ? 1 : 0;
    const minimum = Number.isFinite(least) ? least : 0;
    if ((byValue.get(value) ?? 0) + own - minimum > constraint.maxSkew) return "node(s) didn't match pod topology spread constraints";
  }
  return undefined;
}

// Filters --------------------------------------------------------------------

const untolerated = (pod: Pod, { node }: Place) =>
  node.spec?.taints?.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(pod.spec.tolerations, taint));

const portsOf = (pod: Pod) =>
  pod.spec.containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol }) =>
      hostPort ? [{ hostPort, ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP' }] : [],
    ),
  );

function portsCollide(pod: Pod, other: Pod): boolean {
  return portsOf(pod).some((a) =>
    portsOf(other).some(
      (b) => a.hostPort === b.hostPort && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0'),
    ),
  );
}

/** The first filter of the default profile that refuses the place, and its reasons; undefined if none does. */
export function refusal(pod: Pod, place: Place, world: World): readonly [plugin: string, ...reasons: string[]] | undefined {
  const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  if (place.node.spec?.unschedulable && !tolerates(pod.spec.tolerations, cordon))
    return ['NodeUnschedulable', 'node(s) were unschedulable'];
  const taint = untolerated(pod, place);
  if (taint) return ['TaintToleration', `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  if (!matchesNode(pod, place.node)) return ['NodeAffinity', "node(s) didn't match Pod's node affinity/selector"];
  if (place.pods.some((other) => portsCollide(pod, other)))
    return ['NodePorts', "node(s) didn't have free ports for the requested pod ports"];
  const short = shortages(pod, place);
  if (short.length > 0) return ['NodeResourcesFit', ...short];
  const spread = spreadFailure(pod, place, world);
  if (spread) return ['PodTopologySpread', spread];
  if (affinityFails(pod, place, world)) return ['InterPodAffinity', "node(s) didn't match pod affinity rules"];
  const anti = requiredTerms(pod, 'podAntiAffinity');
  if (anti.some((term) => some(neighbours(world, place, term.topologyKey), (other) => speaksOf(pod, term, other, world))))
    return ['InterPodAffinity', "node(s) didn't match pod anti-affinity rules"];
  const isUnwanted = world.nodes.some((other) =>
    other.pods.some((existing) =>
      requiredTerms(existing, 'podAntiAffinity').some(
        (term) =>
          labelOf(other, term.topologyKey) !== undefined &&
          labelOf(other, term.topologyKey) === labelOf(place, term.topologyKey) &&
          speaksOf(existing, term, pod, world),
      ),
    ),
  );
  return isUnwanted ? ['InterPodAffinity', "node(s) didn't satisfy existing pods anti-affinity rules"] : undefined;
}

// Scores ---------------------------------------------------------------------

type Scores = ReadonlyMap<string, readonly number[]>;

const share = (raw: readonly number[]): number[] => {
  const most = Math.max(0, ...raw);
  return raw.map((score) => (most === 0 ? 0 : Math.floor((100 * score) / most)));
};

function spreadScores(pod: Pod, places: readonly Place[], world: World): number[] | undefined {
  const own = pod.spec.topologySpreadConstraints ?? [];
  const isOwn = own.length > 0;
  const selector = isOwn ? undefined : world.defaultSelector(pod);
  const soft: readonly TopologySpreadConstraint[] = isOwn
    ? own.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
    : selector
      ? [
          { topologyKey: host, maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector },
          { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector },
        ]
      : [];
  if (soft.length === 0) return undefined;
  const hasKeys = (place: Place): boolean => !isOwn || soft.every(({ topologyKey }) => labelOf(place, topologyKey) !== undefined);
  const scored = places.filter(hasKeys);
  const raw = places.map((place) => {
    if (!hasKeys(place)) return -1;
    let sum = 0;
    for (const constraint of soft) {
      const value = labelOf(place, constraint.topologyKey);
      if (value === undefined) continue;
      const isHost = constraint.topologyKey === host;
      const size = isHost ? scored.length : new Set(scored.map((other) => labelOf(other, constraint.topologyKey) ?? '')).size;
      const count = isHost
        ? counted(place, constraint.labelSelector, pod.metadata.namespace)
        : (domains(pod, constraint, constraint.labelSelector, world.nodes.filter(hasKeys)).get(value) ?? 0);
      sum += count * Math.log(size + 2) + (constraint.maxSkew - 1);
    }
    return Math.round(sum);
  });
  const counting = raw.filter((score) => score >= 0);
  const [least, most] = [Math.min(...counting), Math.max(0, ...counting)];
  return raw.map((score) => (score < 0 ? 0 : most === 0 ? 100 : Math.floor((100 * (most + least - score)) / most)));
}

function interPodScores(pod: Pod, places: readonly Place[], world: World): number[] {
  const raw = places.map((place) => {
    let sum = 0;
    for (const [which, sign] of [
      ['podAffinity', 1],
      ['podAntiAffinity', -1],
    ] as const) {
      for (const { weight, podAffinityTerm } of preferredTerms(pod, which))
        for (const other of neighbours(world, place, podAffinityTerm.topologyKey))
          if (speaksOf(pod, podAffinityTerm, other, world)) sum += sign * weight;
    }
    for (const elsewhere of world.nodes) {
      const isNear = (key: string): boolean => labelOf(elsewhere, key) !== undefined && labelOf(elsewhere, key) === labelOf(place, key);
      for (const existing of elsewhere.pods) {
        for (const term of requiredTerms(existing, 'podAffinity'))
          if (isNear(term.topologyKey) && speaksOf(existing, term, pod, world)) sum += 1;
        for (const [which, sign] of [
          ['podAffinity', 1],
          ['podAntiAffinity', -1],
        ] as const)
          for (const { weight, podAffinityTerm: term } of preferredTerms(existing, which))
            if (isNear(term.topologyKey) && speaksOf(existing, term, pod, world)) sum += sign * weight;
      }
    }
    return sum;
  });
  const [least, most] = [Math.min(...raw), Math.max(...raw)];
  return raw.map((score) => (most === least ? 0 : Math.floor(100 * ((score - least) / (most - least)))));
}

function leastAllocated(pod: Pod, place: Place): number {
  const parts = (['cpu', 'memory'] as const).flatMap((name) => {
    const all = capacity(place, name);
    const used = total(place, (other) => requestOrDefault(other, name)) + requestOrDefault(pod, name);
    return all === 0 ? [] : [used > all ? 0 : Math.floor(((all - used) * 100) / all)];
  });
  return parts.length === 0 ? 0 : Math.floor(parts.reduce((a, b) => a + b, 0) / parts.length);
}

function balanced(pod: Pod, place: Place): number {
  const [cpu, memory] = (['cpu', 'memory'] as const).map((name) =>
    Math.min(1, (total(place, (other) => request(other, name)) + request(pod, name)) / capacity(place, name)),
  );
  return Math.floor((1 - Math.abs((cpu! - memory!) / 2)) * 100);
}

function images(pod: Pod, place: Place, world: World): number {
  const sizeOn = ({ node }: Place, image: string): number =>
    node.status?.images?.find(({ names }) => names?.includes(image))?.sizeBytes ?? 0;
  const mebibyte = 1024 * 1024;
  const sum = pod.spec.containers.reduce((bytes, { image = '' }) => {
    const spread = world.nodes.filter((other) => sizeOn(other, image) > 0).length / world.nodes.length;
    return bytes + Math.floor(sizeOn(place, image) * spread);
  }, 0);
  const [least, most] = [23 * mebibyte, 1000 * mebibyte * pod.spec.containers.length];
  return Math.floor((100 * (Math.min(Math.max(sum, least), most) - least)) / (most - least));
}

/** Normalised scores by plugin, of the places that passed; plugins that upstream skips for this Pod are missing. */
export function scoresOf(pod: Pod, places: readonly Place[], world: World): Scores {
  const found = new Map<string, readonly number[]>();
  const soft = pod.spec.tolerations?.filter(({ effect }) => !effect || effect === 'PreferNoSchedule');
  const disliked = places.map(
    ({ node }) => (node.spec?.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(soft, taint)).length,
  );
  found.set(
    'TaintToleration',
    share(disliked).map((score) => 100 - score),
  );
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const liked = ({ node }: Place) =>
    preferred.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0);
  if (preferred.length > 0) found.set('NodeAffinity', share(places.map(liked)));
  found.set(
    'NodeResourcesFit',
    places.map((place) => leastAllocated(pod, place)),
  );
  const spread = spreadScores(pod, places, world);
  if (spread) found.set('PodTopologySpread', spread);
  found.set('InterPodAffinity', interPodScores(pod, places, world));
  if (request(pod, 'cpu') > 0 || request(pod, 'memory') > 0)
    found.set(
      'NodeResourcesBalancedAllocation',
      places.map((place) => balanced(pod, place)),
    );
  found.set(
    'ImageLocality',
    places.map((place) => images(pod, place, world)),
  );
  return found;
}
