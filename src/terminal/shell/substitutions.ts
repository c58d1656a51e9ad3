import { forEachChild } from 'unbash';
import type { ParameterExpansionPart, SyntaxNode } from 'unbash';
import { isMissing } from './expansion.ts';
import type { Scope, SubstitutionPart } from './scope.ts';

/** A command substitution and the `${x:-…}` around it, which decide whether it runs at all. */
interface Substitution {
  readonly part: SubstitutionPart;
  readonly guards: readonly ParameterExpansionPart[];
}

const substitutions = new WeakMap<SyntaxNode, readonly Substitution[]>();
const none: readonly Substitution[] = [];

/** The substitutions directly in a node, found once for each node. */
export function substitutionsIn(node: SyntaxNode): readonly Substitution[] {
  const known = substitutions.get(node);
  if (known) return known;
  const found: Substitution[] = [];
  const visit = (child: SyntaxNode, guards: readonly ParameterExpansionPart[]): void => {
    if (child.type === 'CommandExpansion' || child.type === 'ArithmeticCommandExpansion' || child.type === 'ProcessSubstitution')
      return void found.push({ part: child, guards });
    const inner = child.type === 'ParameterExpansion' && child.operation?.type === 'Default' ? [...guards, child] : guards;
    forEachChild(child, (grandchild) => visit(grandchild, inner));
  };
  visit(node, []);
  const result = found.length > 0 ? found : none;
  substitutions.set(node, result);
  return result;
}

/** Whether a substitution's output will be used. */
export function isNeeded({ guards }: Substitution, scope: Scope): boolean {
  return guards.every((guard) => guard.operation?.type === 'Default' && isMissing(guard, scope) !== guard.operation.operator.endsWith('+'));
}
