import { TabWriter } from '../../kubectl/printers/tabwriter.ts';

/** Rows as kubeadm's tables are set. */
export function columns(rows: readonly (readonly string[])[]): string {
  const writer = new TabWriter({ minWidth: 10, padding: 3 });
  for (const row of rows) writer.write(`${row.join('\t')}\n`);
  return writer.flush();
}
