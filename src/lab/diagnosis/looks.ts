/** What the learner has looked at: what their clients read from the API server, and the programs of nodes that they ran. */
import { isComponent } from '../../emulator/control-plane/kube-apiserver/index.ts';
import { basename } from '../../emulator/kernel/index.ts';
import type { Kernel, TraceRecord } from '../../emulator/kernel/index.ts';
import { allSteps } from './flow.ts';
import type { Look } from './step.ts';
import { onlookerAgent } from '../../emulator/cluster/index.ts';

/** Where something was read, and when. */
interface Read {
  /** '' for all namespaces, and for what has none. */
  readonly namespace: string;
  readonly atMs: number;
}

interface Run {
  readonly line: string;
  readonly atMs: number;
}

const readingVerbs: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
/** Of one resource or program; the oldest are forgotten. */
const maxKept = 200;

const looksOfAll = allSteps.flatMap(({ looks }) => looks);
const readResources: ReadonlySet<string> = new Set(looksOfAll.flatMap((look) => ('reads' in look ? [look.reads] : [])));
const ranPrograms: ReadonlySet<string> = new Set(looksOfAll.flatMap((look) => ('runs' in look ? [look.runs] : [])));

export class LookRecorder {
  readonly #reads = new Map<string, Read[]>();
  readonly #runs = new Map<string, Run[]>();
  /** When the API server last answered anybody, in the cluster's time. */
  lastAnswerMs: number;

  constructor(kernel: Kernel) {
    this.lastAnswerMs = kernel.loop.now;
    kernel.trace.listen((record) => this.#onTrace(record));
    kernel.onProgram = ({ argv }) => {
      const [first = ''] = argv;
      const program = basename(first);
      if (ranPrograms.has(program)) keep(this.#runs, program, { line: argv.join(' '), atMs: kernel.loop.now });
    };
  }

  /** Whether somebody has looked since then, in this namespace ('' for any) or in all at once. */
  hasLooked(look: Look, home: string, sinceMs: number): boolean {
    if ('runs' in look) {
      const { matching } = look;
      return (this.#runs.get(look.runs) ?? []).some(({ line, atMs }) => atMs >= sinceMs && (matching?.test(line) ?? true));
    }
    const { namespace = home } = look;
    return (this.#reads.get(look.reads) ?? []).some(
      (read) => read.atMs >= sinceMs && (namespace === '' || read.namespace === '' || read.namespace === namespace),
    );
  }

  #onTrace(record: TraceRecord): void {
    if (record.type !== 'request') return;
    if (record.code < 500) this.lastAnswerMs = record.atMs;
    if (!record.object || !readingVerbs.has(record.verb) || record.code >= 400) return;
    const { agent, user, subresource, object, atMs } = record;
    const resource = subresource ? `${object.resource}/${subresource}` : object.resource;
    if (!readResources.has(resource) || !agent.startsWith('kubectl') || agent === onlookerAgent || isComponent(user)) return;
    keep(this.#reads, resource, { namespace: object.namespace ?? '', atMs });
  }
}

function keep<T>(all: Map<string, T[]>, key: string, one: T): void {
  const known = all.get(key);
  if (!known) all.set(key, [one]);
  else if (known.push(one) > maxKept) known.shift();
}
