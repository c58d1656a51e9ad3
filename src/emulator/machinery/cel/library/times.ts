/** Parts of timestamps and durations: cel-go/common/types. */
import { CelError } from '../errors.ts';
import { define } from '../overload.ts';
import { partsOf, zoneMinutes } from '../time.ts';

type Parts = ReturnType<typeof partsOf>;

function minutesOf(zone: string): number {
  const minutes = zoneMinutes(zone);
  // Differs from Kubernetes: only UTC and offsets are known as zones, since the emulator carries no tables of places.
  if (minutes === undefined) throw new CelError(`unknown time zone ${zone}`);
  return minutes;
}

const getters: Readonly<Record<string, (parts: Parts) => number>> = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month - 1,
  getDate: ({ day }) => day,
  getDayOfMonth: ({ day }) => day - 1,
  getDayOfWeek: ({ weekday }) => weekday,
  getDayOfYear: ({ yearDay }) => yearDay,
  getHours: ({ hour }) => hour,
  getMinutes: ({ minute }) => minute,
  getSeconds: ({ second }) => second,
  getMilliseconds: ({ ms }) => ms,
};

const ofTimestamps = Object.entries(getters).flatMap(([name, get]) =>
  define({
    [`timestamp.${name}(): int`]: ([time]) => BigInt(get(partsOf(time.ns, 0))),
    [`timestamp.${name}(string): int`]: ([time, zone]) => BigInt(get(partsOf(time.ns, minutesOf(zone)))),
  }),
);

const ofDurations = define({
  'duration.getHours(): int': ([{ ns }]) => ns / 3_600_000_000_000n,
  'duration.getMinutes(): int': ([{ ns }]) => ns / 60_000_000_000n,
  'duration.getSeconds(): int': ([{ ns }]) => ns / 1_000_000_000n,
  'duration.getMilliseconds(): int': ([{ ns }]) => (ns / 1_000_000n) % 1000n,
});

export const times = [...ofTimestamps, ...ofDurations];
