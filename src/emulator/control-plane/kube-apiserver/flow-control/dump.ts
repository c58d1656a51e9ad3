/** What `/debug/api_priority_and_fairness/` shows (apiserver/pkg/util/flowcontrol/apf_controller_debug.go). */
import type { Kernel } from '../../../kernel/index.ts';
import { formatTime } from '../../../kernel/index.ts';
import type { LevelSeats } from './seats.ts';

const levelHeads = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];

const requestHeads = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];

type Row = readonly (string | number | boolean)[];

/** Cells with commas behind them, in columns. */
function table(heads: readonly string[], rows: readonly Row[]): string {
  const lines = [heads, ...rows].map((row) => row.map((cell, i) => (i < row.length - 1 ? `${cell},` : String(cell))));
  const widths = heads.map((_, i) => Math.max(8, ...lines.map((line) => line[i]!.length + 1)));
  return lines.map((line) => `${line.map((cell, i) => (i < line.length - 1 ? cell.padEnd(widths[i]!) : cell)).join('')}\n`).join('');
}

function levelRow({ name, waiting, executing, dispatched, refusals, timedOut }: LevelSeats): Row {
  const active = new Set(waiting.map(({ queue }) => queue)).size;
  const isIdle = waiting.length === 0 && executing.size === 0;
  return [name, active, isIdle, false, waiting.length, executing.size, dispatched, refusals - timedOut, timedOut, 0];
}

/** Undefined for another page. */
export function dump(kernel: Kernel, page: string, levels: readonly LevelSeats[]): string | undefined {
  const sorted = [...levels].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (page === 'dump_priority_levels') return table(levelHeads, sorted.map(levelRow));
  if (page !== 'dump_requests') return undefined;
  const time = (ms: number): string => formatTime(kernel.clock.epochMs + ms);
  return table(
    requestHeads,
    sorted.flatMap(({ name, waiting, executing }) => [
      ...waiting.map(
        ({ schema, queue, flow, width, arrivedMs }, i): Row => [name, schema, queue, i, flow, time(arrivedMs), width, 0, '0s', '<none>'],
      ),
      ...[...executing].map(
        ({ schema, flow, width, startedMs }): Row => [
          name,
          schema,
          '<none>',
          '<none>',
          flow,
          time(startedMs),
          width,
          0,
          '0s',
          time(startedMs),
        ],
      ),
    ]),
  );
}
