/** kubectl get -w: what is there, then every change as it comes. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { CommandError } from '../../errors.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import type { Printer } from '../../printers/print-flags.ts';
import { TabWriter } from '../../printers/tabwriter.ts';
import type { Selection } from '../../resources/builder.ts';
import { collectionPath } from '../../resources/target.ts';
import { watchLines } from '../../rest/watch.ts';
import { tableAccept, tablePrinter } from './table.ts';

export function* watchSelection(
  invocation: Invocation,
  selection: Selection,
  options: { readonly printer: Printer | undefined; readonly isTable: boolean },
): Call<number> {
  const { flags } = invocation;
  const [target, ...more] = selection.targets;
  const isList = selection.list !== undefined;
  if (!isList && more.length > 0) {
    throw new CommandError('watch is only supported on individual resources and resource collections - more than 1 resource was found');
  }
  const resource = target?.resource;
  if (!resource && !isList) throw new CommandError('no resources to watch');
  const print = printerOf(invocation, selection, options.printer);
  const showEvents = flags.bool('output-watch-events');
  if (!flags.bool('watch-only')) {
    for (const one of selection.targets) yield* print(one.object, showEvents ? 'ADDED' : undefined);
  }
  // A watch of one object begins with what it is now, which was shown already.
  let skipFirst = !isList;
  const events = yield* watchLines(invocation.sys, invocation.client, {
    path: selection.watchPath ?? collectionPath(target!),
    query: {
      fieldSelector: isList ? flags.string('field-selector') || undefined : `metadata.name=${target!.name}`,
      labelSelector: isList ? flags.string('selector') || undefined : undefined,
      resourceVersion: isList ? (selection.list.metadata?.resourceVersion ?? '') : '0',
      watch: 'true',
    },
    ...(options.isTable && { accept: tableAccept }),
  });
  for (let event: Json; (event = yield* events.next()) !== undefined; ) {
    if (event.type === 'ERROR') throw new StatusError(event.object);
    if (!skipFirst) yield* print(event.object, showEvents ? event.type : undefined);
    skipFirst = false;
  }
  return 0;
}

type Print = (object: Json, eventType: string | undefined) => Call<void>;

function printerOf(invocation: Invocation, selection: Selection, printer: Printer | undefined): Print {
  if (printer) {
    return function* (object, eventType) {
      yield* invocation.out(printer(eventType === undefined ? object : { type: eventType, object }));
    };
  }
  const writer = new TabWriter();
  const resource = selection.resource ?? selection.targets[0]!.resource;
  const table = tablePrinter(invocation, { resource, namespace: '', name: '', source: '' }, false);
  return function* (object, eventType) {
    table.print(object, writer, eventType);
    yield* invocation.out(writer.flush());
  };
}
