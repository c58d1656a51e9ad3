/** Rows that show what a field does: each makes its objects anew in a cluster that all share, asks, and takes them away. */
import { expect, test } from 'vitest';
import type { TestShell } from '../network/shell.ts';

export interface FieldRow {
  readonly name: string;
  /** Manifests; all of the objects have names that begin with `name`. */
  readonly objects: (name: string) => readonly string[];
  /** Virtual milliseconds that pass before the question. */
  readonly afterMs?: number;
  /** What is run; its output is the answer. */
  readonly ask: (name: string) => string;
  readonly want: string | RegExp;
}

/** A test for each row. Rows may run again in the same cluster, so that a field can be hidden from them. */
export function testRows(shell: () => TestShell, prefix: string, rows: readonly FieldRow[]): void {
  let run = 0;
  test.each<FieldRow>(rows)('$name', ({ objects, afterMs = 8000, ask, want }) => {
    const name = `${prefix}${run++}`;
    const manifest = objects(name).join('\n---\n');
    const { cluster, run: type } = shell();
    type(`cat > /tmp/own.yaml <<'END'\n${manifest}\nEND\nkubectl apply -f /tmp/own.yaml`);
    cluster.advance(afterMs);
    const answer = type(ask(name));
    type('kubectl delete -f /tmp/own.yaml --ignore-not-found --wait=false --force --grace-period=0 2>/dev/null');
    cluster.advance(2000);
    expect(answer).toMatch(want);
  });
}
