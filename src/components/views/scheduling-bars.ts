import type { SchedulingView } from '../../lab/page/protocol.ts';

export interface Segment {
  /** The plugin's place in the list. */
  readonly plugin: number;
  readonly name: string;
  readonly points: number;
  /** Percent of the longest bar that could be. */
  readonly share: number;
}

export interface Bar {
  readonly node: string;
  readonly total: number;
  readonly isChosen: boolean;
  readonly segments: readonly Segment[];
}

/** One bar a node, to the scale of the most points that the plugins could give. Plugins that gave nothing have no segment. */
export function barsOf({ scored, plugins, chosen }: Pick<SchedulingView, 'scored' | 'plugins' | 'chosen'>): readonly Bar[] {
  const most = plugins.reduce((sum, { weight }) => sum + weight * 100, 0);
  return scored.map(({ node, total, points }) => ({
    node,
    total,
    isChosen: node === chosen,
    segments: plugins
      .map(({ name }, plugin) => ({ plugin, name, points: points[plugin]!, share: (points[plugin]! / most) * 100 }))
      .filter((segment) => segment.points > 0),
  }));
}
