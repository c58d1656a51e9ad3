/** The lab's interface for checks, on the emulator: reads the API server's objects as they are. */
import type { Attempt, LabContext, ListFilter, Proposal, Reach, ResourceName, Resources, UnitState, Verdict } from './api.ts';
import type { HistoryRecorder } from './history.ts';
import { conditionOf, matches, readyAddresses } from './measures.ts';

/** What a context reads from: the session's cluster, or in time a real one. */
export interface ClusterReader {
  list<R extends ResourceName>(resource: R): readonly Resources[R][];
  readFile(machine: string, path: string): string | undefined;
  readUnit(machine: string, name: string): UnitState | undefined;
  may(attempt: Attempt): boolean | Promise<boolean>;
  accepts(resource: ResourceName, object: Proposal<Resources[ResourceName]>): Verdict | Promise<Verdict>;
  /** Absent where no packet can be sent on trial. */
  reach?(from: string, to: string): Reach;
}

export function createContext(reader: ClusterReader, history: HistoryRecorder): LabContext {
  const list = <R extends ResourceName>(resource: R, filter: ListFilter = {}): readonly Resources[R][] =>
    reader.list(resource).filter((object) => matches(object, filter));
  return {
    list: async (resource, filter) => list(resource, filter),
    get: async (resource, ref) => {
      const [namespace, name] = ref.includes('/') ? ref.split('/') : [undefined, ref];
      return list(resource, namespace === undefined ? {} : { namespace }).find((object) => object.metadata.name === name);
    },
    readyEndpoints: async (service) => readyAddresses(list('endpointslices'), service).ready,
    file: async (machine, path) => reader.readFile(machine, path),
    unit: async (machine, name) => reader.readUnit(machine, name),
    connects: async (from, to) => {
      if (!reader.reach) throw new Error(`whether ${from} reaches ${to} can be measured in the emulator, not on a real cluster`);
      return reader.reach(from, to);
    },
    may: async (attempt) => await reader.may(attempt),
    accepts: async (resource, object) => await reader.accepts(resource, object),
    conditionOf,
    say: (parts, ...commands) => `expected ${String.raw({ raw: parts }, ...commands.map((command) => `\`${String(command)}\``))}`,
    history,
  };
}
