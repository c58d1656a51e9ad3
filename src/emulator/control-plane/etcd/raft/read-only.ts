/** Questions of readers that wait until a majority has confirmed that the leader still leads. Upstream: go.etcd.io/raft, read_only.go. */
export interface Question {
  /** Who asks; the answer goes there. */
  readonly from: string;
  readonly context: string;
  readonly isQuiet?: boolean | undefined;
}

interface Pending extends Question {
  /** What was committed when the question came. */
  readonly index: number;
  readonly acks: Set<string>;
}

/** A context is unique: members number their questions apart from one another. */
export class ReadOnly {
  #queue: Pending[] = [];

  add(question: Question, index: number, self: string): void {
    if (this.#queue.some(({ context }) => context === question.context)) return;
    this.#queue.push({ ...question, index, acks: new Set([self]) });
  }

  get last(): string | undefined {
    return this.#queue.at(-1)?.context;
  }

  /** Who has confirmed the question so far. */
  ack(context: string, member: string): ReadonlySet<string> | undefined {
    const pending = this.#queue.find((candidate) => candidate.context === context);
    pending?.acks.add(member);
    return pending?.acks;
  }

  /** Takes out a question and all that came before it: what confirms a later one confirms them too. */
  advance(context: string): readonly (Question & { readonly index: number })[] {
    const at = this.#queue.findIndex((candidate) => candidate.context === context);
    return this.#queue.splice(0, at + 1);
  }

  clear(): void {
    this.#queue = [];
  }
}
