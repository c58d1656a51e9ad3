/** Reads a kubelet's `/metrics/resource` (metrics-server/pkg/scraper/client/resource/decode.go). */

export interface Point {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly startMs: number | undefined;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

export interface NodePoint {
  readonly node: Point;
  /** By `namespace/name`, then by container. */
  readonly pods: ReadonlyMap<string, ReadonlyMap<string, Point>>;
}

type Draft = { -readonly [K in keyof Point]?: Point[K] };

const line =
  /^(container_cpu_usage_seconds_total|container_memory_working_set_bytes|container_start_time_seconds|node_cpu_usage_seconds_total|node_memory_working_set_bytes)(?:\{([^}]*)\})? (\S+)(?: (\d+))?$/;

/** Undefined when the node itself is missing from the answer. */
export function parseResourceMetrics(text: string): NodePoint | undefined {
  const node: Draft = {};
  const pods = new Map<string, Map<string, Draft>>();
  for (const row of text.split('\n')) {
    const [, name, labels, value, time] = line.exec(row) ?? [];
    if (name === undefined) continue;
    const target = labels === undefined ? node : containerOf(pods, labels);
    if (time !== undefined) target.atMs = Number(time);
    if (name.endsWith('cpu_usage_seconds_total')) target.cpuSeconds = Number(value);
    else if (name.endsWith('working_set_bytes')) target.memoryBytes = Number(value);
    else target.startMs = Number(value) * 1000;
  }
  if (node.atMs === undefined) return undefined;
  return { node: node as Point, pods: pods as unknown as NodePoint['pods'] };
}

function containerOf(pods: Map<string, Map<string, Draft>>, labels: string): Draft {
  const label = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
  const key = `${label('namespace')}/${label('pod')}`;
  let containers = pods.get(key);
  if (!containers) pods.set(key, (containers = new Map()));
  let container = containers.get(label('container'));
  if (!container) containers.set(label('container'), (container = {}));
  return container;
}
