/** What apply sends with its writes, and how it names a target in messages. */
import { fieldValidation } from '../../changes/field-validation.ts';
import { fieldManagerOf } from '../../changes/three-way-patch.ts';
import type { Invocation } from '../../invocation.ts';
import { dryRunStrategy } from '../../printers/print-flags.ts';
import type { Target } from '../../resources/target.ts';

/** Parameters of a write, as apply sends them. */
export function writeQuery(invocation: Invocation): Readonly<Record<string, string | undefined>> {
  return {
    dryRun: dryRunStrategy(invocation) === 'server' ? 'All' : undefined,
    fieldManager: fieldManagerOf(invocation),
    fieldValidation: fieldValidation(invocation),
  };
}

/** A target as upstream prints it in messages. */
export function infoText(target: Target): string {
  const { group, version, resource, kind } = target.resource;
  const gv = group === '' ? version : `${group}/${version}`;
  return `Resource: ${JSON.stringify(`${gv}, Resource=${resource}`)}, GroupVersionKind: ${JSON.stringify(`${gv}, Kind=${kind}`)}\nName: ${JSON.stringify(target.name)}, Namespace: ${JSON.stringify(target.namespace)}`;
}
