/** Borders, columns and sizes as etcdctl's tables have them (tablewriter, go-humanize). */
export function bordered(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`;
  const line = (row: readonly string[], isHeader: boolean): string =>
    `|${row
      .map((cell, i) => {
        const left = isHeader ? Math.floor((widths[i]! - cell.length) / 2) : /^\d+$/.test(cell) ? widths[i]! - cell.length : 0;
        return ` ${' '.repeat(left)}${cell}${' '.repeat(widths[i]! - cell.length - left)} `;
      })
      .join('|')}|\n`;
  const [head, ...body] = rows;
  return rule + line(head!, true) + rule + body.map((row) => line(row, false)).join('') + rule;
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
