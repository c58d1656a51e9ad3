/** A description as it is written: lines at levels, columns laid out by tabs. Upstream: kubectl/pkg/describe/describe.go, PrefixWriter. */
import { formatLongTime, parseTime } from '../../../emulator/kernel/index.ts';
import { humanDuration } from '../../../emulator/machinery/duration.ts';
import type { Json } from '../json.ts';
import { lastAppliedAnnotation } from '../last-applied.ts';
import { describeTabs, TabWriter } from '../printers/tabwriter.ts';

const maxAnnotationLength = 140;
export class Page {
  readonly #writer = new TabWriter(describeTabs);
  readonly #nowMs: number;
  #done = '';

  /** `nowMs` is Unix milliseconds, for ages. */
  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** Text as it is, at a level: two blanks each. */
  write(level: number, text: string): void {
    this.#writer.write('  '.repeat(level) + text);
  }

  line(level: number, text: string): void {
    this.write(level, `${text}\n`);
  }

  /** `Name:<tab>value`. */
  field(level: number, name: string, value: unknown): void {
    this.line(level, `${name}:\t${String(value ?? '')}`);
  }

  /** Columns that come later are laid out on their own. */
  flush(): void {
    this.#done += this.#writer.flush();
  }

  /** `key=value`, one a line, in the order of the keys. */
  labels(title: string, labels: Readonly<Record<string, string>> | undefined, level = 0): void {
    this.list(
      title,
      Object.entries(labels ?? {})
        .sort(byKey)
        .map(([key, value]) => `${key}=${value}`),
      level,
    );
  }

  /** Values below one another under one title. Within another page each piece of a line is indented anew, as kubectl has it. */
  list(title: string, values: readonly string[], level = 0): void {
    const indent = '  '.repeat(level);
    const lines = values.length === 0 ? ['<none>'] : values;
    this.write(level, `${title}:\t${lines.map((line) => indent + line).join(`\n${indent}${indent}\t`)}\n`);
  }

  annotations(title: string, annotations: Readonly<Record<string, string>> | undefined, level = 0): void {
    const entries = Object.entries(annotations ?? {})
      .filter(([key]) => key !== lastAppliedAnnotation)
      .sort(byKey);
    const texts = entries.map(([key, raw]) => {
      const value = raw.replace(/\n$/, '');
      if (value.length + key.length + 2 <= maxAnnotationLength && !value.includes('\n')) return `${key}: ${value}`;
      return `${key}:\n${value
        .split('\n')
        .map((line) => `\t  ${shorten(line, maxAnnotationLength - 2)}`)
        .join('\n')}`;
    });
    this.list(title, texts, level);
  }

  tolerations(title: string, tolerations: readonly Json[] | undefined): void {
    const sorted = [...(tolerations ?? [])].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0));
    this.list(
      title,
      sorted.map((one) => {
        const text = `${one.key ?? ''}${one.value ? `=${one.value}` : ''}${one.effect ? `:${one.effect}` : ''}`;
        const exists = one.operator === 'Exists' && !one.value ? (text === '' ? 'op=Exists' : ' op=Exists') : '';
        return `${text}${exists}${one.tolerationSeconds === undefined ? '' : ` for ${one.tolerationSeconds}s`}`;
      }),
    );
  }

  /** The time since an RFC 3339 time, as ages are shown. */
  since(time: string | undefined | null): string {
    return time ? humanDuration(this.#nowMs - parseTime(time)!) : '<unknown>';
  }

  events(events: readonly Json[] | undefined): void {
    if (!events) return;
    if (events.length === 0) {
      this.field(0, 'Events', '<none>');
      return;
    }
    this.flush();
    this.line(0, 'Events:\n  Type\tReason\tAge\tFrom\tMessage');
    this.line(1, '----\t------\t----\t----\t-------');
    for (const event of events) {
      const from = event.source?.component || event.reportingComponent || '';
      this.line(1, [event.type ?? '', event.reason ?? '', this.#interval(event), from, (event.message ?? '').trim()].join('\t'));
    }
  }

  end(): string {
    this.flush();
    return this.#done;
  }

  #interval(event: Json): string {
    const first = this.since(event.eventTime || event.firstTimestamp);
    if (event.series) return `${this.since(event.series.lastObservedTime)} (x${event.series.count} over ${first})`;
    return (event.count ?? 0) > 1 ? `${this.since(event.lastTimestamp)} (x${event.count} over ${first})` : first;
  }
}

/** A time as descriptions write it, the zero of Go when there is none. */
export function longTime(time: string | undefined | null): string {
  return time ? formatLongTime(parseTime(time)!) : 'Mon, 01 Jan 0001 00:00:00 +0000';
}

/** A LabelSelector in one line, `<none>` when it is empty. */
export function selectorLine(selector: Json): string {
  const pairs = Object.entries<string>(selector?.matchLabels ?? {})
    .sort(byKey)
    .map(([key, value]) => `${key}=${value}`);
  const expressions = (selector?.matchExpressions ?? []).map((one: Json) => {
    if (one.operator === 'Exists') return one.key;
    if (one.operator === 'DoesNotExist') return `!${one.key}`;
    return `${one.key} ${one.operator === 'In' ? 'in' : 'notin'} (${[...one.values].sort().join(',')})`;
  });
  return [...pairs, ...expressions].join(',') || '<none>';
}

export function controllerOf(object: Json): string | undefined {
  const owner = object.metadata.ownerReferences?.find((one: Json) => one.controller);
  return owner && `${owner.kind}/${owner.name}`;
}

export const titleCase = (value: boolean): string => (value ? 'True' : 'False');

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function shorten(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
