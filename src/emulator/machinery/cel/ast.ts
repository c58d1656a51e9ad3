/** The syntax tree of an expression. Offsets are positions in the source, where messages point. */
import type { Type } from './types.ts';
import type { Overload } from './overload.ts';

interface Node {
  readonly at: number;
}

export type Literal = bigint | number | string | boolean | null | { readonly uint: bigint } | { readonly bytes: string };

export type Expr =
  | (Node & { readonly op: 'literal'; readonly value: Literal })
  | (Node & { readonly op: 'ident'; readonly name: string })
  | (Node & { readonly op: 'select'; readonly of: Expr; readonly field: string; readonly isOptional: boolean; dotted?: string })
  /** `has(a.b)`. */
  | (Node & { readonly op: 'has'; readonly of: Expr; readonly field: string })
  | (Node & {
      readonly op: 'call';
      readonly name: string;
      readonly target: Expr | undefined;
      readonly args: readonly Expr[];
      resolved?: Resolved;
    })
  | (Node & { readonly op: 'list'; readonly items: readonly Expr[]; readonly optional: ReadonlySet<number> })
  | (Node & { readonly op: 'map'; readonly entries: readonly MapEntry[] })
  | Comprehension
  | (Node & { readonly op: 'bind'; readonly name: string; readonly value: Expr; readonly body: Expr });

export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly isOptional: boolean;
}

export type Macro =
  | 'all'
  | 'exists'
  | 'exists_one'
  | 'map'
  | 'filter'
  | 'transformList'
  | 'transformMap'
  | 'transformMapEntry'
  | 'optMap'
  | 'optFlatMap';

/** A macro that visits a list or map with one or two variables. */
export interface Comprehension extends Node {
  readonly op: 'comprehension';
  readonly macro: Macro;
  readonly range: Expr;
  readonly variables: readonly string[];
  readonly filter: Expr | undefined;
  readonly body: Expr;
}

/** What the checker found for a call: the overloads that may be meant, and the arguments, with the receiver first. */
export interface Resolved {
  readonly overloads: readonly Overload[];
  readonly args: readonly Expr[];
}

/** A finding of the parser or the checker. */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

export interface Checked {
  readonly expr: Expr;
  readonly type: Type;
  /** Variables that the expression names. */
  readonly uses: ReadonlySet<string>;
}

/** Issues as cel-go prints them: the place, the line, and a mark below it. */
export function issuesText(source: string, issues: readonly Issue[]): string {
  const lines = source.split('\n');
  return [...issues]
    .sort((a, b) => a.at - b.at)
    .map(({ at, message }) => {
      let line = 0;
      let column = at;
      while (line < lines.length - 1 && column > lines[line]!.length) column -= lines[line++]!.length + 1;
      if (source === '') return `ERROR: <input>:1:0: ${message}`;
      return `ERROR: <input>:${line + 1}:${column + 1}: ${message}\n | ${lines[line]}\n | ${'.'.repeat(column)}^`;
    })
    .join('\n');
}
