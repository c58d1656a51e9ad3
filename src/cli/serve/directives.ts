/**
 * The line protocol of `labs serve --stdin-commands`: one directive a line on standard input, one line of answer on standard
 * output, `ok` or `error`, once it has been carried out.
 */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Cluster } from '../../emulator/cluster/index.ts';
import type { InjectionEnd } from '../../emulator/faults/index.ts';
import { parseDuration } from '../options.ts';
import { UsageError } from '../usage-error.ts';
import type { Pace, Speed } from './pace.ts';

export const directiveHelp = `Directives, one a line, each answered by a line that begins with "ok" or "error":
  advance DURATION        let virtual time pass at once (30s, 5m, 1h)
  settle                  let virtual time pass until only periodic work is left
  speed 1|10|max|0        change the speed; 0 stops the clock but for requests and open streams
  power off|on NODE       cut a machine's power, or turn it on again
  fault NAME [KEY=VALUE]  break something: fault kubelet-stopped node=node-2
  faults                  name what can be broken, with the keys of each
  now                     print the cluster's time
  quit                    end the server`;

/** Seconds of the cluster that a fault may wait for its API server. */
const faultTries = 60;

export interface DirectiveHost {
  readonly cluster: Cluster;
  readonly pace: Pace;
  readonly quit: () => void;
}

type Directive = (host: DirectiveHost, words: readonly string[]) => Promise<string> | string;

const directives: Readonly<Record<string, Directive>> = {
  async advance({ cluster, pace }, [duration, ...more]) {
    if (duration === undefined || more.length > 0) throw new UsageError('advance takes a duration such as 30s');
    await pace.advance(parseDuration(duration));
    return timeOf(cluster);
  },
  async settle({ cluster, pace }) {
    if (!(await pace.settle())) throw new UsageError(`the cluster did not settle within 10 minutes of virtual time: ${cluster.unrest}`);
    return timeOf(cluster);
  },
  speed({ pace }, [text]) {
    pace.speed = text === '0' ? 'held' : parseSpeed(text ?? '');
    return '';
  },
  power({ cluster, pace }, [state, name = '']) {
    if (state !== 'on' && state !== 'off') throw new UsageError('power takes on or off, and a node');
    if (!cluster.nodeNames.includes(name)) throw new UsageError(`there is no machine ${name}`);
    if (state === 'on') cluster.powerOn(name);
    else cluster.powerOff(name);
    pace.wake();
    return '';
  },
  async fault({ cluster, pace }, words) {
    const { FaultError, injectFault, parseFaultLine } = await import('../../emulator/faults/index.ts');
    try {
      const planned = parseFaultLine(words, { nodes: cluster.nodeNames });
      let end: InjectionEnd | undefined;
      injectFault(cluster, planned, (how) => (end = how));
      // The API takes its time, in the cluster's own.
      for (let tries = 0; end === undefined && tries < faultTries; tries++) await pace.advance(1000);
      if (!end) throw new UsageError(`${words[0]}: the API server does not answer; the fault comes about once it does`);
      if (!end.ok) throw new UsageError(end.why);
    } catch (error) {
      if (error instanceof FaultError) throw new UsageError(error.message);
      throw error;
    }
    pace.wake();
    return '';
  },
  async faults() {
    const { faults } = await import('../../emulator/faults/index.ts');
    return faults.map(({ name, parameters }) => [name, ...Object.keys(parameters).map((key) => `${key}=`)].join(' ')).join('; ');
  },
  now: ({ cluster }) => timeOf(cluster),
  quit({ quit }) {
    quit();
    return '';
  },
};

/** `--speed`. */
export function parseSpeed(text: string): Speed {
  if (text === 'max') return 'max';
  if (text !== '1' && text !== '10') throw new UsageError(`--speed ${text}: not 1, 10 or max`);
  return Number(text);
}

function timeOf({ kernel }: Cluster): string {
  return kernel.clock.timestamp();
}

/** Carries out a line. The answer has no line end. */
export async function carryOut(host: DirectiveHost, line: string): Promise<string> {
  const [name = '', ...words] = line.trim().split(/\s+/);
  const directive = Object.hasOwn(directives, name) ? directives[name] : undefined;
  if (!directive) return `error unknown directive ${JSON.stringify(name)}; known are ${Object.keys(directives).join(', ')}`;
  try {
    const said = await directive(host, words);
    return said === '' ? 'ok' : `ok ${said}`;
  } catch (error) {
    if (error instanceof UsageError) return `error ${error.message}`;
    throw error;
  }
}

/** Reads directives until the input ends, one after the other. */
export async function followDirectives(host: DirectiveHost, input: Readable, say: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input })) if (line.trim() !== '') say(`${await carryOut(host, line)}\n`);
}
