/**
 * awk: patterns and actions over records and fields.
 *
 * Absent: `nextfile`, `|&` and other extensions of gawk; `exit` inside of a function.
 */
import { Errno } from '../../../../emulator/kernel/index.ts';
import type { Program } from '../../../../emulator/kernel/index.ts';
import { complain, readText } from '../tool.ts';
import { AwkInterpreter } from './interpreter.ts';
import { unescapeString } from './lexer.ts';
import { parseAwk } from './parser.ts';
import { AwkError } from './syntax.ts';
import { split } from './values.ts';

export const awk: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const assignments: string[] = [];
  const sources: string[] = [];
  let separator: string | undefined;
  try {
    while (/^-./.test(args[0] ?? '')) {
      const option = args.shift()!;
      if (option === '--') break;
      const value = (): string => option.slice(2) || (args.shift() ?? '');
      if (option.startsWith('-F')) separator = value();
      else if (option.startsWith('-v')) assignments.push(value());
      else if (option.startsWith('-f')) sources.push(yield* readText(sys, value()));
      else return yield* complain(sys, `unknown option ${option} ignored`, 2);
    }
    if (sources.length === 0) {
      const text = args.shift();
      if (text === undefined) {
        yield* sys.print(2, 'usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n');
        return 2;
      }
      sources.push(text);
    }
    const interpreter = new AwkInterpreter(sys, parseAwk(sources.join('\n')));
    if (separator !== undefined) interpreter.set('FS', separator === 't' ? '\t' : unescapeString(separator));
    for (const assignment of assignments) {
      const equals = assignment.indexOf('=');
      interpreter.set(assignment.slice(0, equals), split.field(unescapeString(assignment.slice(equals + 1))));
    }
    return yield* interpreter.run(args);
  } catch (error) {
    if (error instanceof AwkError || error instanceof SyntaxError) return yield* complain(sys, error.message, 2);
    if (error instanceof Errno && error.code !== 'EPIPE') return yield* complain(sys, error.message, 2);
    throw error;
  }
};
