/** One measured figure, beside the best peer's. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the project wants to reach, in the same unit; below it is better, above it of a rate. */
  readonly goal?: number | undefined;
  readonly isRate?: boolean;
  readonly peer?: string | undefined;
  readonly peerValue?: number | undefined;
}

export interface Bench {
  /** What the command line calls it. */
  readonly name: string;
  /** Runs only when it is named: a part of another. */
  readonly isPart?: boolean;
  readonly run: () => Figure[] | Promise<Figure[]>;
}

export function figuresTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, unit, goal, isRate, peer, peerValue }) => [
    name,
    `${format(value)} ${unit}`,
    goal === undefined ? '' : `${format(goal)} ${unit}${(isRate ? value < goal : value > goal) ? ' (missed)' : ''}`,
    peer === undefined ? '' : `${peer}${peerValue === undefined ? '' : `: ${format(peerValue)} ${unit}`}`,
  ]);
  const all = [['benchmark', 'measured', 'goal', 'peer'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  return `${all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

function format(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);
}
