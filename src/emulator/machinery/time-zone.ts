/**
 * Time zones: how far local time is from UTC at a moment. Facts of the IANA database, written down by region.
 *
 * Differs from Kubernetes: only the zones listed here are known, with the rules that hold today; any other is answered as
 * upstream answers a zone that does not exist.
 */
import { civilTime, unixMs } from '../kernel/time.ts';

export interface TimeZone {
  readonly name: string;
  /** Milliseconds to add to a Unix time to get the local one. */
  offsetMs(unixMs: number): number;
}

/** A change of the clock: in this month, on this Sunday (0 is the last), at this hour of `by`. */
interface Change {
  readonly month: number;
  readonly sunday: 0 | 1 | 2;
  readonly hour: number;
  readonly by: 'standard time' | 'UTC';
}

/** From the first change on the clock is an hour ahead, until the second. */
type Rule = readonly [Change, Change];

const rules: Readonly<Record<string, Rule>> = {
  america: [
    { month: 3, sunday: 2, hour: 2, by: 'standard time' },
    { month: 11, sunday: 1, hour: 1, by: 'standard time' },
  ],
  europe: [
    { month: 3, sunday: 0, hour: 1, by: 'UTC' },
    { month: 10, sunday: 0, hour: 1, by: 'UTC' },
  ],
  australia: [
    { month: 10, sunday: 1, hour: 2, by: 'standard time' },
    { month: 4, sunday: 1, hour: 2, by: 'standard time' },
  ],
  newZealand: [
    { month: 9, sunday: 0, hour: 2, by: 'standard time' },
    { month: 4, sunday: 1, hour: 2, by: 'standard time' },
  ],
};

/** Hours from UTC in winter, the rule of summer time if there is one, and the places. */
const places: readonly (readonly [hours: number, rule: string, names: string])[] = [
  [0, '', 'UTC Etc/UTC Etc/GMT Etc/UCT Etc/Universal Etc/Zulu GMT UCT Universal Zulu Africa/Abidjan Africa/Accra Atlantic/Reykjavik'],
  [-10, '', 'Pacific/Honolulu US/Hawaii HST'],
  [-9, 'america', 'America/Anchorage US/Alaska'],
  [-8, 'america', 'America/Los_Angeles America/Vancouver America/Tijuana US/Pacific PST8PDT'],
  [-7, 'america', 'America/Denver America/Edmonton America/Boise US/Mountain MST7MDT'],
  [-7, '', 'America/Phoenix US/Arizona MST'],
  [-6, 'america', 'America/Chicago America/Winnipeg US/Central CST6CDT'],
  [-6, '', 'America/Mexico_City America/Costa_Rica America/Guatemala'],
  [-5, 'america', 'America/New_York America/Toronto America/Detroit US/Eastern EST5EDT'],
  [-5, '', 'America/Bogota America/Lima America/Panama EST'],
  [-4, 'america', 'America/Halifax Canada/Atlantic'],
  [-4, '', 'America/Caracas America/La_Paz America/Puerto_Rico'],
  [-3.5, 'america', 'America/St_Johns'],
  [-3, '', 'America/Sao_Paulo America/Buenos_Aires America/Montevideo America/Bahia'],
  [0, 'europe', 'Europe/London Europe/Dublin Europe/Lisbon Europe/Belfast GB WET'],
  [1, '', 'Africa/Lagos Africa/Algiers Africa/Tunis'],
  [
    1,
    'europe',
    'Europe/Berlin Europe/Paris Europe/Madrid Europe/Rome Europe/Amsterdam Europe/Brussels Europe/Vienna Europe/Zurich Europe/Prague Europe/Warsaw Europe/Stockholm Europe/Oslo Europe/Copenhagen Europe/Budapest Europe/Belgrade Europe/Luxembourg Europe/Zagreb CET',
  ],
  [2, '', 'Africa/Johannesburg Africa/Harare Africa/Maputo Africa/Tripoli'],
  [
    2,
    'europe',
    'Europe/Athens Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Bucharest Europe/Sofia Europe/Riga Europe/Tallinn Europe/Vilnius EET',
  ],
  [3, '', 'Europe/Moscow Europe/Istanbul Europe/Minsk Asia/Riyadh Asia/Baghdad Asia/Kuwait Asia/Qatar Africa/Nairobi'],
  [3.5, '', 'Asia/Tehran'],
  [4, '', 'Asia/Dubai Asia/Baku Asia/Tbilisi Asia/Yerevan'],
  [5, '', 'Asia/Karachi Asia/Tashkent Asia/Yekaterinburg Asia/Almaty'],
  [5.5, '', 'Asia/Kolkata Asia/Calcutta Asia/Colombo'],
  [5.75, '', 'Asia/Kathmandu'],
  [6, '', 'Asia/Dhaka'],
  [7, '', 'Asia/Bangkok Asia/Jakarta Asia/Ho_Chi_Minh Asia/Saigon'],
  [8, '', 'Asia/Shanghai Asia/Hong_Kong Asia/Singapore Asia/Taipei Asia/Manila Asia/Kuala_Lumpur Australia/Perth PRC'],
  [9, '', 'Asia/Tokyo Asia/Seoul Japan ROK'],
  [9.5, '', 'Australia/Darwin'],
  [9.5, 'australia', 'Australia/Adelaide'],
  [10, '', 'Australia/Brisbane Pacific/Guam'],
  [10, 'australia', 'Australia/Sydney Australia/Melbourne Australia/Hobart Australia/Canberra'],
  [12, '', 'Pacific/Fiji'],
  [12, 'newZealand', 'Pacific/Auckland NZ'],
];

const hourMs = 3_600_000;

function changeMs(change: Change, year: number, standardMs: number): number {
  const { month, sunday, hour, by } = change;
  const base = sunday === 0 ? unixMs(year, month + 1, 1) : unixMs(year, month, 1);
  const { weekday } = civilTime(base);
  // The last Sunday is the one before the first of the next month.
  const days = sunday === 0 ? -(weekday === 0 ? 7 : weekday) : ((7 - weekday) % 7) + (sunday - 1) * 7;
  return base + days * 86_400_000 + hour * hourMs - (by === 'UTC' ? 0 : standardMs);
}

function zoneOf(name: string, hours: number, rule: Rule | undefined): TimeZone {
  const standardMs = hours * hourMs;
  if (!rule) return { name, offsetMs: () => standardMs };
  return {
    name,
    offsetMs(at) {
      const { year } = civilTime(at + standardMs);
      const [from, to] = [changeMs(rule[0], year, standardMs), changeMs(rule[1], year, standardMs)];
      const isAhead = from < to ? at >= from && at < to : at >= from || at < to;
      return standardMs + (isAhead ? hourMs : 0);
    },
  };
}

export const utc: TimeZone = zoneOf('UTC', 0, undefined);

/** A zone by its name, undefined if it is not known. `Etc/GMT+5` is five hours behind, as POSIX has it. */
export function timeZone(name: string): TimeZone | undefined {
  const fixed = /^Etc\/GMT([+-])(\d{1,2})$/.exec(name);
  if (fixed && Number(fixed[2]) <= (fixed[1] === '+' ? 12 : 14))
    return zoneOf(name, (fixed[1] === '+' ? -1 : 1) * Number(fixed[2]), undefined);
  for (const [hours, rule, names] of places) if (names.split(' ').includes(name)) return zoneOf(name, hours, rules[rule]);
  return undefined;
}
