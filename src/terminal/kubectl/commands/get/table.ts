import type { Invocation } from '../../invocation.ts';
import { TablePrinter } from '../../printers/table-printer.ts';
import type { Target } from '../../resources/target.ts';

/** Asks the server for a Table. */
export const tableAccept =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

/** A printer for tables of one resource, as the flags ask for it. */
export function tablePrinter(invocation: Invocation, target: Target, withKind: boolean): TablePrinter {
  const { flags } = invocation;
  return new TablePrinter({
    unixMs: invocation.sys.kernel.clock.unixMs,
    noHeaders: flags.bool('no-headers'),
    isWide: flags.string('output') === 'wide',
    withNamespace: flags.bool('all-namespaces') && target.resource.isNamespaced,
    showLabels: flags.bool('show-labels'),
    labelColumns: flags.list('label-columns'),
    withKind: withKind || flags.bool('show-kind') ? target.resource : undefined,
  });
}
