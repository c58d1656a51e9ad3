/** Borders, columns and sizes as etcdctl's tables have them (tablewriter 0.0.5 with every column to the right, go-humanize). */

/** Text in a cell is broken at spaces beyond this. */
const cellWidth = 30;
const tooLong = 1e5;

/** Lines with the least sum of squares of what is left free, as tablewriter breaks them. */
function wrapped(text: string): readonly string[] {
  if (text.length <= cellWidth) return [text];
  const words = text.split(' ');
  const limit = Math.max(cellWidth, words.at(-1)!.length);
  const width = (from: number, to: number): number => words.slice(from, to).join(' ').length;
  const cost: number[] = [];
  const next: number[] = [];
  for (let i = words.length - 1; i >= 0; i--) {
    [cost[i], next[i]] = [width(i, words.length) <= limit ? 0 : Number.POSITIVE_INFINITY, words.length];
    for (let j = i + 1; j < words.length && cost[i] !== 0; j++) {
      const free = limit - width(i, j);
      const sum = free ** 2 + cost[j]! + (free < 0 ? tooLong : 0);
      if (sum < cost[i]!) [cost[i], next[i]] = [sum, j];
    }
  }
  const lines: string[] = [];
  for (let i = 0; i < words.length; i = next[i]!) lines.push(words.slice(i, next[i]).join(' '));
  return lines;
}

export function bordered(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(wrapped));
  const widths = rows[0]!.map((_, i) => Math.max(...cells.flatMap((row) => row[i]!.map((line) => line.length))));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (parts: readonly string[], isHeader: boolean): string =>
    `|${parts
      .map((part, i) => {
        const free = widths[i]! - part.length;
        const left = isHeader ? Math.floor(free / 2) : free;
        return ` ${' '.repeat(left)}${part}${' '.repeat(free - left)} `;
      })
      .join('|')}|\n`;
  const block = (row: readonly (readonly string[])[], isHeader: boolean): string =>
    Array.from({ length: Math.max(...row.map((lines) => lines.length)) }, (_, k) =>
      line(
        row.map((lines) => lines[k] ?? ''),
        isHeader,
      ),
    ).join('');
  const [head, ...body] = cells;
  return rule + block(head!, true) + rule + body.map((row) => block(row, false)).join('') + rule;
}

/** `2.1 GB`: two digits below ten, units of a thousand. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${bytes} B`;
  const rounded = Math.floor(value * 10 + 0.5) / 10;
  return `${rounded < 10 ? rounded.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Milliseconds as Go prints a duration. */
export function goMs(ms: number): string {
  return ms >= 1000 ? `${ms / 1000}s` : ms === 0 ? '812.4µs' : `${ms}.12ms`;
}
