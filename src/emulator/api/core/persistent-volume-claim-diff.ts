/** What of a claim's spec an update would change, printed as upstream's go-cmp prints two structs. */
import { quote } from '../../machinery/go-quote.ts';
import { goJson } from '../../machinery/json.ts';
import type { PersistentVolumeClaimSpec } from '../generated/types.ts';
import { semanticEqual } from '../../machinery/equality.ts';

const pointer = (value: string | undefined): string => (value === undefined ? 'nil' : `&${quote(value)}`);
const reference = (value: object | undefined): string => (value ? `&${goJson(value)}` : 'nil');

function amounts(list: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(list ?? {}).map(([name, amount]) => `s${quote(name)}: {s: ${quote(amount)}}`);
  return `{${entries.join(', ')}}`;
}

/** The fields in the order of the struct, and how each is printed. */
const fields: readonly (readonly [name: string, print: (spec: PersistentVolumeClaimSpec) => string])[] = [
  ['AccessModes', ({ accessModes }) => `{${(accessModes ?? []).map(quote).join(', ')}}`],
  ['Selector', ({ selector }) => reference(selector)],
  ['Resources', ({ resources }) => `{Requests: ${amounts(resources?.requests)}}`],
  ['VolumeName', ({ volumeName }) => quote(volumeName ?? '')],
  ['StorageClassName', ({ storageClassName }) => pointer(storageClassName)],
  ['VolumeMode', ({ volumeMode }) => pointer(volumeMode)],
  ['DataSource', ({ dataSource }) => reference(dataSource)],
  ['DataSourceRef', ({ dataSourceRef }) => reference(dataSourceRef)],
  ['VolumeAttributesClassName', ({ volumeAttributesClassName }) => pointer(volumeAttributesClassName)],
];

/** How many equal fields stand before and after one that differs. */
const context = 2;

/**
 * Differs from Kubernetes: fields within `resources`, `selector` and the sources are printed on one line, without the
 * types of Go and the parts of a quantity.
 */
export function claimSpecDiff(previous: PersistentVolumeClaimSpec, next: PersistentVolumeClaimSpec): string {
  const rows = fields.map(([name, print]) => ({ name, before: print(previous), after: print(next) }));
  const changed = rows.flatMap(({ before, after }, i) => (semanticEqual(before, after) ? [] : [i]));
  const isNear = (i: number): boolean => changed.some((at) => Math.abs(at - i) <= context);
  const width = Math.max(...rows.filter((_, i) => isNear(i)).map(({ name }) => name.length)) + 1;
  const lines = ['  core.PersistentVolumeClaimSpec{'];
  let skipped = 0;
  const flush = (): void => {
    if (skipped > 0) lines.push(`  \t... // ${skipped} identical field${skipped === 1 ? '' : 's'}`);
    skipped = 0;
  };
  rows.forEach(({ name, before, after }, i) => {
    if (!isNear(i)) {
      skipped++;
      return;
    }
    flush();
    const label = `${name}:`.padEnd(width);
    if (before === after) lines.push(`  \t${label} ${before},`);
    else lines.push(`- \t${label} ${before},`, `+ \t${label} ${after},`);
  });
  flush();
  return [...lines, '  }', ''].join('\n');
}
