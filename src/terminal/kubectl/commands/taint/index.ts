/** kubectl taint. Upstream: kubectl/pkg/cmd/taint. */
import { labelValue, qualifiedName } from '../../../../emulator/machinery/names.ts';
import { patchTo } from '../../changes/change-objects.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { AggregateFailure, CommandError } from '../../errors.ts';
import { allFlag, dryRunFlag, fieldManagerFlag, printFlags, selectorFlag, validateFlag } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withField } from '../../json.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';
import { select } from '../../resources/builder.ts';

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const same = (a: Taint, b: Taint): boolean => a.key === b.key && (b.effect === '' || a.effect === b.effect);

export const taint: Command = {
  name: 'taint',
  short: 'Update the taints on one or more nodes',
  usage: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  examples: ['taint nodes node-1 dedicated=db:NoSchedule', 'taint nodes node-1 dedicated-'],
  flags: [
    ...printFlags,
    allFlag('All nodes.'),
    dryRunFlag,
    fieldManagerFlag('kubectl-taint'),
    flag('overwrite', 'bool', false, 'Replace taints that have another value.'),
    selectorFlag,
    validateFlag,
  ],
  *complete(invocation, args, word) {
    return args.length === 0 ? ['nodes'] : yield* completeNamesOf('nodes')(invocation, args.slice(1), word);
  },
  *run(invocation) {
    const { flags, args } = invocation;
    const isSpec = (arg: string): boolean => arg.includes('=') || arg.includes(':') || arg.endsWith('-');
    const first = args.findIndex(isSpec);
    const resources = first < 0 ? args : args.slice(0, first);
    const specs = first < 0 ? [] : args.slice(first);
    if (resources.length < 1) throw new CommandError('one or more resources must be specified as <resource> <name>');
    const stray = specs.find((spec) => !isSpec(spec));
    if (stray !== undefined) throw new CommandError(`all resources must be specified before taint changes: ${stray}`);
    if (specs.length < 1) throw new CommandError('at least one taint update is required');
    if (!['node', 'nodes', 'no'].includes(resources[0]!.split('/')[0]!))
      throw new CommandError(`invalid resource type ${resources[0]}, only node types are supported`);
    const removed = specs.filter((spec) => spec.endsWith('-')).map(parseRemoval);
    const added = specs.filter((spec) => !spec.endsWith('-')).map((spec) => parseTaint(spec, invocation));
    const double = added.find((one, i) => added.slice(0, i).some((other) => one.key === other.key && one.effect === other.effect));
    if (double)
      throw invocation.usageError(
        `duplicated taints with the same key and effect: {${double.key} ${double.value ?? ''} ${double.effect} <nil>}`,
      );
    const both = added.filter((one) => removed.some((other) => same(one, other)));
    if (both.length > 0)
      throw new CommandError(
        `can not both modify and remove the following taint(s) in the same command: ${both.map((one) => `${one.key}=${one.effect}`).join(', ')}`,
      );
    const print = yield* reportPrinter(invocation);
    const selector = flags.string('selector');
    const { targets, errors } = yield* select(invocation, { args: resources, latest: true, all: flags.bool('all'), selector });
    const failures: unknown[] = [...errors];
    for (const target of targets) {
      try {
        const before: readonly Taint[] = target.object.spec.taints ?? [];
        const taken = before.filter((one) => added.some((other) => one.key === other.key && one.effect === other.effect));
        if (taken.length > 0 && !flags.bool('overwrite')) {
          throw new CommandError(
            `node ${target.name} already has ${taken.map((one) => one.key).join(',')} taint(s) with same effect(s) and --overwrite is false`,
          );
        }
        const missing = removed.filter((one) => !before.some((other) => same(other, one)));
        if (missing.length > 0)
          throw new CommandError(
            missing.map((one) => `taint ${JSON.stringify(one.effect === '' ? one.key : `${one.key}:${one.effect}`)} not found`).join(', '),
          );
        const kept = before.filter((one) => !removed.some((other) => same(one, other)) && !taken.includes(one));
        const taints = [...added, ...kept];
        const changed: Json = withField(target.object, ['spec', 'taints'], taints.length > 0 ? taints : undefined);
        const operation = added.length === 0 ? 'untainted' : removed.length > 0 || taken.length > 0 ? 'modified' : 'tainted';
        yield* invocation.out(
          print(dryRunStrategy(invocation) === 'client' ? changed : yield* patchTo(invocation, target, changed), operation),
        );
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateFailure(failures);
    return 0;
  },
};

function parseTaint(spec: string, invocation: Invocation): Taint {
  const [pair, effect, ...more] = spec.split(':') as [string, string | undefined, ...string[]];
  if (more.length > 0) throw invocation.usageError(`invalid taint spec: ${spec}`);
  if (effect === undefined) {
    const complaints = qualifiedName(spec);
    throw invocation.usageError(`invalid taint spec: ${spec}${complaints.length > 0 ? `, ${complaints.join('; ')}` : ''}`);
  }
  const [key, value, ...rest] = pair.split('=') as [string, string | undefined, ...string[]];
  const problems = [...qualifiedName(key), ...(value === undefined ? [] : labelValue(value))];
  if (rest.length > 0 || problems.length > 0)
    throw invocation.usageError(`invalid taint spec: ${spec}${problems.length > 0 ? `, ${problems.join('; ')}` : ''}`);
  if (!effects.includes(effect)) throw invocation.usageError(`invalid taint effect: ${effect}, unsupported taint effect`);
  return { effect, key, ...(value && { value }) };
}

function parseRemoval(spec: string): Taint {
  const [pair, effect = ''] = spec.slice(0, -1).split(':') as [string, string | undefined];
  return { key: pair.split('=')[0]!, effect };
}
