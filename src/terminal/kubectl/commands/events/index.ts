/** kubectl events. Upstream: kubectl/pkg/cmd/events. */

import type { Call } from '../../../../emulator/kernel/index.ts';
import { parseTime } from '../../../../emulator/kernel/index.ts';
import { humanDuration } from '../../../../emulator/machinery/duration.ts';
import type { Command } from '../../command.ts';
import { bareErrors, CommandError } from '../../errors.ts';
import { allNamespacesFlag, chunkSizeFlag, noHeadersFlag, printFlags } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { outputPrinter } from '../../printers/print-flags.ts';
import { escapeTerminal } from '../../printers/table-printer.ts';
import { TabWriter } from '../../printers/tabwriter.ts';
import { apiVersionOf } from '../../rest/mapper.ts';
import { watchLines } from '../../rest/watch.ts';

export const events: Command = {
  name: 'events',
  short: 'List events',
  usage:
    'events [(-o|--output=)json|yaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  examples: ['events --for pod/web-1', 'events --types=Warning -A', 'events --watch'],
  flags: [
    ...printFlags,
    allNamespacesFlag,
    chunkSizeFlag,
    flag('for', 'string', '', 'Events of this object only, TYPE/NAME.'),
    noHeadersFlag,
    flag('types', 'list', [], 'Events of these types only: Normal, Warning.'),
    flag('watch', 'bool', false, 'Go on and show new ones.', { short: 'w' }),
  ],
  *run(invocation) {
    const { flags, client } = invocation;
    const types = flags.list('types');
    for (const type of types) {
      if (!['normal', 'warning'].includes(type.toLowerCase())) throw new CommandError(`valid --types are Normal or Warning`);
    }
    const printer = yield* outputPrinter(invocation);
    const path = flags.bool('all-namespaces') ? '/api/v1/events' : `/api/v1/namespaces/${invocation.namespace}/events`;
    const query = { fieldSelector: yield* fieldSelector(invocation), limit: String(flags.int('chunk-size')) };
    const isWanted = (event: Json): boolean => types.length === 0 || types.some((type) => type.toLowerCase() === event.type?.toLowerCase());
    const list: Json = yield* client.request({ method: 'GET', path, query });
    const items = (list.items as readonly Json[]).filter(isWanted).toSorted((a, b) => lastSeen(a) - lastSeen(b));
    const writer = new TabWriter();
    let hasHeaders = flags.bool('no-headers');
    const show = function* (some: readonly Json[]): Call<void> {
      if (printer) {
        for (const event of some) yield* invocation.out(printer({ apiVersion: 'v1', kind: 'Event', ...event }));
        return;
      }
      if (!hasHeaders) writer.write(`${flags.bool('all-namespaces') ? 'NAMESPACE\t' : ''}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`);
      hasHeaders = true;
      for (const event of some) writer.write(row(invocation, event));
      yield* invocation.out(writer.flush());
    };
    if (flags.bool('watch')) return yield* follow(invocation, path, query.fieldSelector, list, isWanted, items, show);
    if (items.length === 0) {
      yield* invocation.err(
        flags.bool('all-namespaces') ? 'No events found.\n' : `No events found in ${invocation.namespace} namespace.\n`,
      );
      return 0;
    }
    if (printer)
      yield* invocation.out(
        printer({
          apiVersion: 'v1',
          items: items.map((event) => ({ apiVersion: 'v1', kind: 'Event', ...event })),
          kind: 'EventList',
          metadata: list.metadata,
        }),
      );
    else yield* show(items);
    return 0;
  },
};

function* follow(
  invocation: Invocation,
  path: string,
  selector: string | undefined,
  list: Json,
  isWanted: (event: Json) => boolean,
  items: readonly Json[],
  show: (items: readonly Json[]) => Call<void>,
): Call<number> {
  for (const event of items) yield* show([event]);
  const query = { fieldSelector: selector, resourceVersion: list.metadata.resourceVersion, watch: 'true' };
  const watch = yield* watchLines(invocation.sys, invocation.client, { path, query });
  for (let event: Json; (event = yield* watch.next()) !== undefined; ) {
    if (event.type !== 'DELETED' && event.type !== 'ERROR' && isWanted(event.object)) yield* show([event.object]);
  }
  return 0;
}

function* fieldSelector(invocation: Invocation): Call<string | undefined> {
  const text = invocation.flags.string('for');
  if (text === '') return undefined;
  const [type, name, ...more] = text.split('/');
  if (!type || !name || more.length > 0) throw new CommandError('--for must be in resource/name form');
  const mapper = yield* invocation.mapper();
  const resource = yield* bareErrors(mapper.resource(type));
  return `involvedObject.kind=${resource.kind},involvedObject.apiVersion=${apiVersionOf(resource)},involvedObject.name=${name}`;
}

function row(invocation: Invocation, event: Json): string {
  const namespace = invocation.flags.bool('all-namespaces') ? `${event.metadata.namespace}\t` : '';
  const object = `${event.involvedObject.kind}/${event.involvedObject.name}`;
  const cells = [interval(invocation, event), event.type ?? '', event.reason ?? '', object, (event.message ?? '').trim()];
  return `${namespace}${cells.map(escapeTerminal).join('\t')}\n`;
}

/** When the event was last seen, and how often over which time. */
function interval(invocation: Invocation, event: Json): string {
  const since = (time: string | undefined | null): string =>
    time ? humanDuration(invocation.sys.kernel.clock.unixMs - parseTime(time)!) : '<unknown>';
  const first = since(event.eventTime || event.firstTimestamp);
  if (event.series) return `${since(event.series.lastObservedTime)} (x${event.series.count} over ${first})`;
  if ((event.count ?? 0) > 1) return `${since(event.lastTimestamp)} (x${event.count} over ${first})`;
  return first;
}

function lastSeen(event: Json): number {
  return parseTime(event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp) ?? 0;
}
