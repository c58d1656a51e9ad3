/** The tables of kubectl top. Upstream: kubectl/pkg/metricsutil/metrics_printer.go and metrics_resource_sorter.go. */
import { milliValue, parseQuantity, quantityValue } from '../../../../emulator/machinery/quantity.ts';
import type { Json } from '../../json.ts';
import { TabWriter } from '../../printers/tabwriter.ts';

interface Used {
  /** A quantity's own unit, so that a sum is rounded once. */
  readonly cpuNanos: bigint;
  readonly memoryBytes: number;
}

const nothing: Used = { cpuNanos: 0n, memoryBytes: 0 };
const mebibyte = 1024 * 1024;

/** Quantities of `usage` as numbers. */
function usedOf(usage: Json): Used {
  return { cpuNanos: parseQuantity(usage?.cpu ?? '0').nanos, memoryBytes: quantityValue(usage?.memory ?? '0') };
}

function add(a: Used, b: Used): Used {
  return { cpuNanos: a.cpuNanos + b.cpuNanos, memoryBytes: a.memoryBytes + b.memoryBytes };
}

/** What all containers of a Pod use. */
function usedByPod(metrics: Json): Used {
  return (metrics.containers as readonly Json[]).map(({ usage }) => usedOf(usage)).reduce(add, nothing);
}

/** Thousandths, rounded up. */
const milliOf = ({ cpuNanos }: Used): number => Math.ceil(Number(cpuNanos) / 1e6);

const cells = (used: Used): string => `${milliOf(used)}m\t${Math.trunc(used.memoryBytes / mebibyte)}Mi\t`;

/** The most first by an amount, else by name. */
function sorted<T>(list: readonly T[], sortBy: string, used: (one: T) => Used, name: (one: T) => string): T[] {
  return list.toSorted((a, b) => {
    if (sortBy === 'cpu') return milliOf(used(b)) - milliOf(used(a));
    if (sortBy === 'memory') return used(b).memoryBytes - used(a).memoryBytes;
    return name(a) < name(b) ? -1 : 1;
  });
}

interface TopOptions {
  readonly hasHeaders: boolean;
  readonly sortBy: string;
}

/** `available` are the nodes' quantities by name; nodes without metrics come last. */
export function nodeTable(items: readonly Json[], available: ReadonlyMap<string, Json>, { hasHeaders, sortBy }: TopOptions): string {
  const writer = new TabWriter();
  if (hasHeaders) writer.write('NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t\n');
  const missing = new Set(available.keys());
  for (const { metadata, usage } of sorted(
    items,
    sortBy,
    (one) => usedOf(one.usage),
    (one) => one.metadata.name,
  )) {
    missing.delete(metadata.name);
    const used = usedOf(usage);
    const { memoryBytes } = used;
    const cpuMilli = milliOf(used);
    const of = available.get(metadata.name);
    const share = (amount: number, total: number): string => `${Math.trunc((amount / total) * 100)}%\t`;
    const cpu = of ? share(cpuMilli, milliValue(of.cpu)) : '';
    const memory = of ? share(memoryBytes, quantityValue(of.memory)) : '';
    writer.write(`${metadata.name}\t${cpuMilli}m\t${cpu}${Math.trunc(memoryBytes / mebibyte)}Mi\t${memory}\n`);
  }
  for (const name of missing) writer.write(`${name}\t${'<unknown>\t'.repeat(4)}\n`);
  return writer.flush();
}

export interface PodTopOptions extends TopOptions {
  readonly withNamespace: boolean;
  readonly withContainers: boolean;
  readonly withSum: boolean;
}

export function podTable(items: readonly Json[], options: PodTopOptions): string {
  const { hasHeaders, sortBy, withNamespace, withContainers, withSum } = options;
  const writer = new TabWriter();
  let width = 3;
  if (hasHeaders) {
    if (withNamespace) width++;
    if (withContainers) width++;
    writer.write(`${withNamespace ? 'NAMESPACE\t' : ''}${withContainers ? 'POD\t' : ''}NAME\tCPU(cores)\tMEMORY(bytes)\t\n`);
  }
  const keyOf = ({ metadata }: Json): string => (withNamespace ? `${metadata.namespace}/${metadata.name}` : metadata.name);
  for (const metrics of sorted(items, sortBy, usedByPod, keyOf)) {
    const { metadata, containers } = metrics;
    const front = withNamespace ? `${metadata.namespace}\t` : '';
    if (!withContainers) {
      writer.write(`${front}${metadata.name}\t${cells(usedByPod(metrics))}\n`);
      continue;
    }
    for (const { name, usage } of sorted(
      containers as readonly Json[],
      sortBy,
      (one) => usedOf(one.usage),
      (one) => one.name,
    ))
      writer.write(`${front}${metadata.name}\t${name}\t${cells(usedOf(usage))}\n`);
  }
  if (withSum) {
    const total = items.map(usedByPod).reduce(add, nothing);
    writer.write(`${'\t'.repeat(width - 2)}________\t________\t\n${'\t'.repeat(width - 3)}\t${cells(total)}\n`);
  }
  return writer.flush();
}
