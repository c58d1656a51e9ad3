import { equal } from '../../machinery/equality.ts';
import { goJson } from '../../machinery/json.ts';
import type { PodSpec } from '../generated/types.ts';

/**
 * The difference that ends the sentence.
 * Differs from Kubernetes: whole fields are shown as JSON, where upstream shows a Go value with the parts that differ.
 */
export function specDiff(previous: PodSpec, next: PodSpec): string {
  const names = [...new Set([...Object.keys(previous), ...Object.keys(next)])].sort() as (keyof PodSpec)[];
  const lines: string[] = ['  core.PodSpec{'];
  let same = 0;
  for (const name of names) {
    if (equal(previous[name], next[name])) {
      if (next[name] !== undefined) same++;
      continue;
    }
    const goName = name[0]!.toUpperCase() + name.slice(1);
    if (previous[name] !== undefined) lines.push(`- \t${goName}: ${goJson(previous[name])},`);
    if (next[name] !== undefined) lines.push(`+ \t${goName}: ${goJson(next[name])},`);
  }
  lines.push(`  \t... // ${same} identical fields`, '  }', '');
  return lines.join('\n');
}
