/** One plain sentence about an attempt to schedule a Pod: why this node, or why none. */
import type { NodeScores, SchedulingAttempt } from './decisions.ts';

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `a, b and c` */
const listOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

export function whyWords(attempt: SchedulingAttempt): string {
  const { chosen, nominated } = attempt;
  if (chosen !== undefined) return whyChosen(attempt, chosen);
  if (nominated !== undefined) {
    const victims = attempt.victims.length > 0 ? `${listOf(attempt.victims)} must go from there` : 'Pods there are going already';
    return `No node will do as it is. Room is made on ${nominated}: ${victims}, since this Pod has the higher priority.`;
  }
  return whyNowhere(attempt);
}

function whyChosen({ scored, tied, feasibleCount, rejectedCount, plugins, unseenCount }: SchedulingAttempt, chosen: string): string {
  if (feasibleCount === 0) return `${chosen} won because room had been made for the Pod there.`;
  if (plugins.length === 0) {
    const others = rejectedCount > 0 ? `: the filters rejected ${plural(rejectedCount, 'other')}` : '';
    return `${chosen} won because it was the only node left${others}.`;
  }
  const [winner, second] = scored;
  const unseen = unseenCount > 0 ? ` ${plural(unseenCount, 'node')} more were not looked at, since enough had been found.` : '';
  if (tied > 1) {
    const names = scored.slice(0, tied).map(({ node }) => node);
    const shown = names.length > 5 ? `${tied} nodes` : listOf(names);
    return `${chosen} won by chance: ${shown} have the same total of ${winner!.total}.${unseen}`;
  }
  const lead = winner!.total - second!.total;
  const reasons = differences(winner!, second!, plugins);
  return `${chosen} won because its total of ${winner!.total} is ${lead} above that of ${second!.node}: ${reasons}.${unseen}`;
}

/** Which plugins made the difference between two nodes, and which spoke for the loser. */
function differences(winner: NodeScores, loser: NodeScores, plugins: SchedulingAttempt['plugins']): string {
  const all = plugins.map(({ name, weight }, i) => ({ name, points: (winner.scores[i]! - loser.scores[i]!) * weight }));
  const pro = all.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
  const contra = all.filter(({ points }) => points < 0).sort((a, b) => a.points - b.points);
  const given = listOf(pro.map(({ name, points }, i) => `${i === 0 ? `${name} gave it ` : `${name} `}${points} more`));
  if (contra.length === 0) return given;
  return `${given}, though ${listOf(contra.map(({ name, points }) => `${name} gave it ${-points} less`))}`;
}

function whyNowhere({ nodeCount, rejected, rejectedCount, message }: SchedulingAttempt): string {
  if (rejected.length === 0) return `No node will do: ${message ?? ''}`;
  const counts = new Map<string, number>();
  for (const { plugin } of rejected) counts.set(plugin, (counts.get(plugin) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([plugin, count]) => `${plugin} rejected ${count}`);
  if (rejectedCount > rejected.length) parts.push(`${rejectedCount - rejected.length} more were rejected`);
  const left = nodeCount - rejectedCount;
  if (left > 0) parts.push(`${left} did not come into question`);
  return `None of ${plural(nodeCount, 'node')} will do: ${listOf(parts)}.`;
}
