/** Syntax nodes that stand in no source. */
import type { AndOr, BraceGroup, PipelineNode, Statement } from 'unbash';

const nowhere = { pos: 0, end: 0 } as const;

export function statement(command: PipelineNode | AndOr): Statement {
  return { ...nowhere, type: 'Statement', command, background: undefined };
}

export function group(commands: readonly Statement[]): BraceGroup {
  return { ...nowhere, type: 'BraceGroup', body: { ...nowhere, type: 'CompoundList', commands } };
}
