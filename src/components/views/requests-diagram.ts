/** Which lanes the sequence diagram has, and the diagram as Mermaid text. */
import type { RequestView } from '../../lab/page/protocol.ts';

/** Lanes in the order in which books draw them; whoever else speaks comes after. */
const knownLanes = ['kubectl', 'kube-apiserver', 'etcd', 'controllers', 'kube-scheduler', 'kubelet', 'container runtime'] as const;

/** Every controller has an identity of its own; the diagram draws one lane for all and names it in the text. */
export function laneOf(name: string): string {
  if (name.startsWith('kubelet')) return 'kubelet';
  if (name === 'kube-controller-manager' || /-controller$|^(generic-garbage-collector|node-lifecycle|endpoint)/.test(name))
    return 'controllers';
  return name;
}

export interface Arrow extends RequestView {
  readonly fromLane: string;
  readonly toLane: string;
}

export interface Diagram {
  readonly lanes: readonly string[];
  readonly arrows: readonly Arrow[];
}

export interface DiagramOptions {
  readonly showsHeartbeats: boolean;
  /** Only arrows about this object (`namespace/name`), or that it caused. */
  readonly follow: string;
  readonly limit: number;
}

export function diagramOf(requests: readonly RequestView[], { showsHeartbeats, follow, limit }: DiagramOptions): Diagram {
  const followed = new Set<number>();
  const wanted = requests.filter((request) => {
    if (request.isHeartbeat && !showsHeartbeats) return false;
    if (follow === '') return true;
    const belongs = request.object === follow || followed.has(request.cause);
    if (belongs) followed.add(request.id);
    return belongs;
  });
  const arrows = wanted.slice(-limit).map((request) => ({ ...request, fromLane: laneOf(request.from), toLane: laneOf(request.to) }));
  const used = new Set(arrows.flatMap(({ fromLane, toLane }) => [fromLane, toLane]));
  const others = [...used].filter((lane) => !(knownLanes as readonly string[]).includes(lane)).sort();
  return { lanes: [...knownLanes.filter((lane) => used.has(lane)), ...others], arrows };
}

export function wordsOf({ text, object, from, fromLane, code }: Arrow): string {
  const who = from === fromLane ? '' : `${from}: `;
  return `${who}${text} ${object}${code !== undefined && code >= 400 ? ` (${code})` : ''}`.trim();
}

export function mermaidOf({ lanes, arrows }: Diagram): string {
  const id = (lane: string): string => lane.replace(/\W/g, '_');
  return [
    'sequenceDiagram',
    ...lanes.map((lane) => `  participant ${id(lane)} as ${lane}`),
    ...arrows.map((arrow) => `  ${id(arrow.fromLane)}->>${id(arrow.toLane)}: ${wordsOf(arrow).replaceAll(';', ',')}`),
  ].join('\n');
}
