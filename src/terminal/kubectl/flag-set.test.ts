import { expect, test } from 'vitest';
import { FlagError, flag, parseFlags } from './flag-set.ts';

const flags = [
  flag('all', 'bool', false, '', { short: 'A' }),
  flag('name', 'string', '', '', { short: 'n' }),
  flag('count', 'int', -1, '', { short: 'c' }),
  flag('list', 'list', [], '', { short: 'l' }),
  flag('each', 'array', [], ''),
  flag('wait', 'duration', 0, ''),
  flag('dry-run', 'string', 'none', '', { bare: 'unchanged' }),
  flag('later', 'bool', false, '', { isUnsupported: true }),
];

function check(line: string): unknown {
  try {
    const { values, args, dashAt } = parseFlags(flags, line.split(' '));
    return {
      args: args.join(' '),
      ...(dashAt >= 0 && { dashAt }),
      ...(values.bool('all') && { all: true }),
      ...(values.changed('name') && { name: values.string('name') }),
      ...(values.changed('count') && { count: values.int('count') }),
      ...(values.changed('list') && { list: values.list('list') }),
      ...(values.changed('each') && { each: values.list('each') }),
      ...(values.changed('wait') && { wait: values.duration('wait') }),
      ...(values.changed('dry-run') && { dryRun: values.string('dry-run') }),
    };
  } catch (error) {
    if (error instanceof FlagError) return error.message;
    throw error;
  }
}

test.each([
  { line: 'pods -A', want: { args: 'pods', all: true } },
  { line: '--all=false pods', want: { args: 'pods' } },
  { line: '-n shop pods', want: { args: 'pods', name: 'shop' } },
  { line: '-nshop', want: { args: '', name: 'shop' } },
  { line: '-n=shop', want: { args: '', name: 'shop' } },
  { line: '-Anshop pods', want: { args: 'pods', all: true, name: 'shop' } },
  { line: '--name shop --name=other', want: { args: '', name: 'other' } },
  { line: '--count -3', want: { args: '', count: -3 } },
  { line: '-l a,b -l c', want: { args: '', list: ['a', 'b', 'c'] } },
  { line: '--each a,b --each c', want: { args: '', each: ['a,b', 'c'] } },
  { line: '--wait 1m30s', want: { args: '', wait: 90_000 } },
  { line: 'x --dry-run y', want: { args: 'x y', dryRun: 'unchanged' } },
  { line: 'x --dry-run=client', want: { args: 'x', dryRun: 'client' } },
  { line: 'pod -- ls -n -A', want: { args: 'pod ls -n -A', dashAt: 1 } },
  { line: '--bogus', want: 'unknown flag: --bogus' },
  { line: '-z', want: "unknown shorthand flag: 'z' in -z" },
  { line: '-Az', want: "unknown shorthand flag: 'z' in -z" },
  { line: '-n', want: "flag needs an argument: 'n' in -n" },
  { line: '--name', want: 'flag needs an argument: --name' },
  { line: '--count x', want: 'invalid argument "x" for "-c, --count" flag: strconv.ParseInt: parsing "x": invalid syntax' },
  { line: '--all=maybe', want: 'invalid argument "maybe" for "-A, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax' },
  { line: '--wait soon', want: 'invalid argument "soon" for "--wait" flag: time: invalid duration "soon"' },
  { line: '---', want: 'bad flag syntax: ---' },
  { line: '--later', want: 'flag is not supported by this kubectl: --later' },
])('$line', ({ line, want }) => {
  expect(check(line)).toEqual(want);
});
