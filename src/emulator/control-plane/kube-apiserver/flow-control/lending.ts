/**
 * Levels lend seats that they do not use to levels that could use more: every ten seconds the server's seats are shared out anew,
 * in proportion to what each level wants, within its bounds (apiserver/pkg/util/flowcontrol: updateBorrowingLocked, conc_alloc.go).
 */
import type { LevelSeats } from './seats.ts';

/** A level that wants nothing counts as wanting this much. */
const least = 0.001;

/** What a level gets at least: what it does not lend, and what it has used of its own. */
const floorOf = ({ nominal, lowest, demand }: LevelSeats): number => Math.max(lowest, Math.min(nominal, demand.last.highest));

/** Shares out the seats; the fraction of what they want that levels get (`seat_fair_frac`). */
export function shareSeats(levels: readonly LevelSeats[]): number {
  const limited = levels.filter(({ isExempt }) => !isExempt);
  const all = levels.reduce((sum, { nominal }) => sum + nominal, 0);
  let left = all;
  for (const level of levels) {
    if (!level.isExempt) continue;
    level.setLimit(Math.max(level.lowest, level.demand.last.highest));
    left -= level.limit;
  }
  const lowest = limited.reduce((sum, level) => sum + level.lowest, 0);
  const floor = limited.reduce((sum, level) => sum + floorOf(level), 0);
  if (left <= floor) {
    const part = left <= lowest ? 0 : (left - lowest) / (floor - lowest);
    for (const level of limited) level.setLimit(level.lowest + Math.round((floorOf(level) - level.lowest) * part));
    return 0;
  }
  const fair = fairFraction(limited, all);
  for (const level of limited) level.setLimit(Math.round(allotted(level, fair)));
  return fair;
}

export const targetOf = (level: LevelSeats): number => Math.max(floorOf(level), level.demand.smoothed);

function allotted(level: LevelSeats, fraction: number): number {
  return Math.max(floorOf(level), Math.min(level.highest, fraction * Math.max(least, targetOf(level))));
}

/** The fraction at which all seats are given away, or all bounds are met. Halving finds it as exactly as numbers can say it. */
function fairFraction(levels: readonly LevelSeats[], all: number): number {
  const given = (fraction: number): number => levels.reduce((sum, level) => sum + allotted(level, fraction), 0);
  let [low, high] = [0, Math.max(1, all) / least];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (given(middle) < all) low = middle;
    else high = middle;
  }
  return high;
}
