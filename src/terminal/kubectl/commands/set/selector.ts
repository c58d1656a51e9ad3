/** kubectl set selector. Upstream: kubectl/pkg/cmd/set/set_selector.go. */
import { parseSelector } from '../../../../emulator/machinery/labels.ts';
import { patchTo, setFlags } from '../../changes/change-objects.ts';
import { withTypedFields } from '../../changes/typed-fields.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import { withField } from '../../json.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, select } from '../../resources/builder.ts';

export const setSelector: Command = {
  name: 'selector',
  short: 'Set the selector on a resource',
  usage: 'set selector (-f FILENAME | TYPE NAME) EXPRESSIONS [--resource-version=version]',
  examples: ["set selector service web 'app=web,tier=front'"],
  flags: [
    ...setFlags
      .filter(({ name }) => name !== 'selector' && name !== 'kustomize')
      .map((item) => (item.name === 'recursive' ? { ...item, initial: true } : item)),
    flag('resource-version', 'string', '', 'Change the object only if it has this version.'),
  ],
  complete: completeObjects,
  *run(invocation) {
    const { flags, args } = invocation;
    const dryRun = dryRunStrategy(invocation);
    const expression = args.at(-1);
    const selector = expression === undefined ? undefined : parse(expression);
    const print = yield* reportPrinter(invocation);
    if (selector === undefined) throw new CommandError('one selector is required');
    const { targets, errors } = yield* select(invocation, {
      ...builderFlags(invocation),
      args: args.slice(0, -1),
      latest: !flags.bool('local'),
    });
    if (errors.length > 0) throw new AggregateFailure(errors);
    const version = flags.string('resource-version');
    for (const target of targets) {
      if (target.object.kind !== 'Service') throw new CommandError('setting a selector is only supported for Services');
      if (selector.expressions.length > 0)
        throw new CommandError(`match expression ${selector.expressions.join(' ')} not supported on this object`);
      const labels = Object.keys(selector.labels).length > 0 ? selector.labels : undefined;
      const changed = withField(target.object, ['spec', 'selector'], labels);
      const isPrintedOnly = flags.bool('local') || dryRun === 'client';
      // The version is part of the patch, so that the server refuses it when the object has moved on.
      const unversioned = { ...target, object: withField(target.object, ['metadata', 'resourceVersion'], undefined) };
      const sent = withField(changed, ['metadata', 'resourceVersion'], version);
      const patched = isPrintedOnly
        ? withTypedFields(changed)
        : yield* version === '' ? patchTo(invocation, target, changed) : patchTo(invocation, unversioned, sent);
      yield* invocation.out(print(patched, 'selector updated'));
    }
    return 0;
  },
};

/** Equalities become labels; anything else is an expression, which a Service cannot have. */
function parse(text: string): { readonly labels: Readonly<Record<string, string>>; readonly expressions: readonly string[] } {
  let requirements: ReturnType<typeof parseSelector>['requirements'];
  try {
    requirements = parseSelector(text).requirements;
  } catch (error) {
    throw new CommandError(`couldn't parse the selector string ${JSON.stringify(text)}: ${messageOf(error)}`);
  }
  const labels: Record<string, string> = {};
  const expressions: string[] = [];
  for (const { key, operator, values } of requirements) {
    if (operator === '=' || operator === '==') labels[key] = values[0]!;
    else expressions.push(`[{${key} ${operators[operator] ?? operator} [${values.join(' ')}]}]`);
  }
  return { labels, expressions };
}

const operators: Readonly<Record<string, string>> = { in: 'In', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist', '!=': 'NotIn' };
