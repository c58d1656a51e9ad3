/** kubectl get. Upstream: kubectl/pkg/cmd/get/get.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { isNotFound } from '../../../../emulator/machinery/status-error.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import {
  allNamespacesFlag,
  chunkSizeFlag,
  fieldSelectorFlag,
  fileFlags,
  noHeadersFlag,
  printFlags,
  selectorFlag,
  subresourceFlag,
} from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import type { Printer } from '../../printers/print-flags.ts';
import { outputPrinter } from '../../printers/print-flags.ts';
import { sortByField } from '../../printers/sorting.ts';
import type { TablePrinter } from '../../printers/table-printer.ts';
import { TabWriter } from '../../printers/tabwriter.ts';
import type { Selection } from '../../resources/builder.ts';
import { rawFlag, sendRaw } from '../../raw.ts';
import { builderFlags, hasFiles, select } from '../../resources/builder.ts';
import type { Target } from '../../resources/target.ts';
import { tableAccept, tablePrinter } from './table.ts';
import { watchSelection } from './watch.ts';

export const get: Command = {
  name: 'get',
  short: 'Display one or many resources',
  usage:
    'get [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide] (TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags]',
  examples: [
    'get pods',
    'get pods -o wide',
    'get deploy,svc -l app=web',
    'get pod/web-1 -o jsonpath={.status.podIP}',
    'get pods -A --sort-by=.metadata.creationTimestamp',
    'get pods -w',
  ],
  flags: [
    ...printFlags,
    ...fileFlags,
    allNamespacesFlag,
    chunkSizeFlag,
    fieldSelectorFlag,
    flag('ignore-not-found', 'bool', false, 'Exit with 0 when an object does not exist.'),
    flag('label-columns', 'list', [], 'Labels that get a column each.', { short: 'L' }),
    noHeadersFlag,
    flag('output-watch-events', 'bool', false, 'Show the kind of each change of a watch.'),
    rawFlag('ask for'),
    selectorFlag,
    flag('server-print', 'bool', true, 'Let the server make the table.'),
    flag('show-kind', 'bool', false, 'Put the kind before each name.'),
    flag('show-labels', 'bool', false, 'Add a column with all labels.'),
    flag('sort-by', 'string', '', 'Order by a field, e.g. {.metadata.name}.'),
    subresourceFlag,
    flag('watch', 'bool', false, 'Go on and show changes.', { short: 'w' }),
    flag('watch-only', 'bool', false, 'Show changes only.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags } = invocation;
    checkRawGet(invocation);
    if (flags.string('raw') !== '') return yield* sendRaw(invocation, 'GET');
    yield* checkArguments(invocation);
    const isForPeople = ['', 'wide'].includes(flags.string('output')) && flags.string('template') === '';
    const isTable = isForPeople && flags.bool('server-print');
    const isWatch = flags.bool('watch') || flags.bool('watch-only');
    const sortBy = flags.string('sort-by');
    const selection = yield* select(invocation, {
      ...builderFlags(invocation),
      allowsTypeAlone: true,
      latest: true,
      isSingleType: isWatch,
      chunkSize: sortBy === '' ? flags.int('chunk-size') : 0,
      subresource: flags.string('subresource'),
      ...(isTable && { accept: tableAccept }),
      ...(isTable && sortBy !== '' && { query: { includeObject: 'Object' } }),
    });
    const errors = flags.bool('ignore-not-found') ? selection.errors.filter((error) => !isNotFound(error)) : selection.errors;
    if (errors.length > 0 && (isWatch || (selection.isSingle && !isForPeople))) throw new AggregateFailure(errors);
    const printer = yield* outputPrinter(invocation, { isGet: true });
    if (isWatch) return yield* watchSelection(invocation, selection, { printer, isTable });
    if (printer) yield* printGeneric(invocation, selection, printer, errors);
    else yield* printTables(invocation, selection.targets, errors.length > 0);
    if (errors.length > 0) throw new AggregateFailure(errors);
    return 0;
  },
};

function checkRawGet({ flags, args }: Invocation): void {
  if (flags.string('raw') === '') return;
  if (flags.bool('watch') || flags.bool('watch-only') || flags.string('selector') !== '') {
    if (args.length === 0)
      throw new CommandError('--raw may not be specified with other flags that filter the server request or alter the output');
  }
  if (args.length > 0) throw new CommandError('arguments may not be passed when --raw is specified');
  if (flags.string('output') !== '') throw new CommandError('--raw and --output are mutually exclusive');
}

function* checkArguments(invocation: Invocation): Call<void> {
  const { flags, args } = invocation;
  const output = flags.string('output');
  if (flags.bool('show-labels') && output !== '' && output !== 'wide')
    throw new CommandError(`--show-labels option cannot be used with ${output} printer`);
  if (flags.bool('output-watch-events') && !flags.bool('watch') && !flags.bool('watch-only')) {
    throw new CommandError('--output-watch-events option can only be used with --watch or --watch-only');
  }
  if (args.length > 0 || hasFiles(invocation)) return;
  yield* invocation.err(
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\n',
  );
  throw new CommandError(
    'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
    { helpFor: invocation.commandPath },
  );
}

function* printGeneric(invocation: Invocation, selection: Selection, printer: Printer, errors: readonly unknown[]): Call<void> {
  if (selection.isSingle && errors.length > 0) return;
  const { targets } = selection;
  if (targets.length === 0 && (errors.length > 0 || invocation.flags.bool('ignore-not-found'))) {
    if (errors.length === 0) return;
  }
  const sortBy = invocation.flags.string('sort-by');
  if (selection.isSingle && targets.length === 1) {
    yield* invocation.out(printer(targets[0]!.object));
    return;
  }
  const objects = targets.map((target) => target.object as Json);
  const items = sortBy === '' ? objects : sortByField(objects, sortBy, (object) => object);
  yield* invocation.out(printer({ apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }));
}

function* printTables(invocation: Invocation, targets: readonly Target[], hasErrors: boolean): Call<void> {
  const { flags } = invocation;
  const sortBy = flags.string('sort-by');
  const kinds = new Set(targets.map((target) => `${target.resource.group}/${target.resource.kind}`));
  const writer = new TabWriter();
  let last: Target | undefined;
  let printer: TablePrinter | undefined;
  let hasWritten = false;
  const flush = function* (): Call<void> {
    const text = writer.flush();
    if (text === '') return;
    yield* invocation.out(separate && hasWritten ? `\n${text}` : text);
    separate = false;
    hasWritten = true;
  };
  let separate = false;
  for (const target of targets) {
    if (!printer || last?.resource !== target.resource) {
      yield* flush();
      writer.reset();
      if (last && !flags.bool('no-headers') && hasWritten) separate = true;
      printer = tablePrinter(invocation, target, kinds.size > 1);
      last = target;
    }
    printer.print(sortBy === '' ? target.object : sortedTable(target.object, sortBy), writer);
  }
  yield* flush();
  if (hasWritten || hasErrors || flags.bool('ignore-not-found')) return;
  const areNamespaced = !flags.bool('all-namespaces') && targets.every((target) => target.resource.isNamespaced);
  yield* invocation.err(areNamespaced ? `No resources found in ${invocation.namespace} namespace.\n` : 'No resources found\n');
}

function sortedTable(object: Json, sortBy: string): Json {
  if (object.kind !== 'Table') return object;
  return { ...object, rows: sortByField(object.rows as readonly Json[], sortBy, (row) => row.object) };
}
