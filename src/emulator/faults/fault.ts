import type { Cluster } from '../cluster/index.ts';
import type { Call } from '../kernel/index.ts';
import type { Parameter } from './parameters.ts';

/** A fault's parameters by name. */
export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

type ValuesOf<P extends Parameters> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

/** What an author reads about a fault: one row of the table of faults. */
export interface FaultWords {
  /** What is done to the cluster. */
  readonly cause: string;
  /** Where it shows, as a real cluster shows it: Markdown. */
  readonly symptoms: string;
  /** What mends it, and nothing else does: Markdown. */
  readonly mend: string;
}

/** A descriptor of one fault. */
export interface Fault extends FaultWords {
  /** What lab.yaml and the directive `fault` call it. */
  readonly name: string;
  readonly parameters: Parameters;
  /** Virtual milliseconds after which the symptoms have shown: so long a lab waits before its learner arrives. */
  readonly showsAfterMs: number;
  /** Brings the cause about. Throws a `FaultError` when the cluster has nothing that could break so. */
  inject(cluster: Cluster, values: Readonly<Record<string, unknown>>): Call<void>;
}

/** The author asked for something that does not exist or cannot be. */
export class FaultError extends Error {}

export function defineFault<P extends Parameters>(
  fault: Omit<Fault, 'inject' | 'parameters'> & {
    readonly parameters: P;
    inject(cluster: Cluster, values: ValuesOf<P>): Call<void>;
  },
): Fault {
  return fault as unknown as Fault;
}
