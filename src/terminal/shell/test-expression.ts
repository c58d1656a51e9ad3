import type { Sys } from '../../emulator/kernel/index.ts';

export function testUnary(sys: Sys, operator: string, operand: string): boolean {
  const node = sys.fs.find(sys.path(operand));
  switch (operator) {
    case '-n': return operand !== '';
    case '-z': return operand === '';
    case '-e': return node !== undefined;
    case '-f': return node?.kind === 'file';
    case '-d': return node?.kind === 'directory';
    case '-s': return node?.kind === 'file' && node.data !== '';
    case '-t': return sys.isatty(Number(operand));
    default: return node !== undefined;
  }
}

export function testBinary(left: string, operator: string, right: string): boolean {
  switch (operator) {
    case '=':
    case '==': return left === right;
    case '!=': return left !== right;
    case '<': return left < right;
    case '>': return left > right;
    case '=~': return new RegExp(right).test(left);
    case '-eq': return Number(left) === Number(right);
    case '-ne': return Number(left) !== Number(right);
    case '-lt': return Number(left) < Number(right);
    case '-le': return Number(left) <= Number(right);
    case '-gt': return Number(left) > Number(right);
    case '-ge': return Number(left) >= Number(right);
    default: return false;
  }
}

/** `test` and `[`: the arguments after the name, without the closing bracket. */
export function testArguments(sys: Sys, args: readonly string[]): boolean {
  const or = args.indexOf('-o');
  if (or > 0) return testArguments(sys, args.slice(0, or)) || testArguments(sys, args.slice(or + 1));
  const and = args.indexOf('-a');
  if (and > 0) return testArguments(sys, args.slice(0, and)) && testArguments(sys, args.slice(and + 1));
  if (args[0] === '!') return !testArguments(sys, args.slice(1));
  if (args.length <= 1) return (args[0] ?? '') !== '';
  if (args.length === 2) return testUnary(sys, args[0]!, args[1]!);
  return testBinary(args[0]!, args[1]!, args[2]!);
}
