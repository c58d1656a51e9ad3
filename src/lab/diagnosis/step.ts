/** What the way from a symptom to its cause is made of. */

/** What counts as having looked: reading a resource from the API server, by whatever command, or running a program. */
export type Look =
  | {
      readonly reads: string;
      /** Where, if not in the namespace of the object that is in trouble; `*` for all at once. */
      readonly namespace?: string;
    }
  /** `matching` is tried on the whole command line. */
  | { readonly runs: string; readonly matching?: RegExp };

export interface Step {
  readonly id: string;
  readonly asks: string;
  /** `{namespace}`, `{name}` and `{node}` stand for the object that is in trouble. */
  readonly command: string;
  readonly looks: readonly Look[];
  /** What an answer means, and where it leads. */
  readonly answers: readonly string[];
  /** The step helps only when the cluster says something like this about the object. */
  readonly evidence?: RegExp;
}

/** Signs that the cluster itself shows, in the order in which they are gone after: what is wide comes first. */
export type Sign = 'silent' | 'node' | 'missing' | 'claim' | 'pending' | 'waiting' | 'crash' | 'unready' | 'service';

export interface Branch {
  readonly sign: Sign;
  readonly title: string;
  /** How one sees that it is this one. */
  readonly seen: string;
  readonly steps: readonly Step[];
}
