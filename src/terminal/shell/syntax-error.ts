import type { ParseError, ParsedScript } from 'unbash';

const openers: Readonly<Record<string, string>> = {
  'double quote': '"',
  'single quote': "'",
  'command substitution': ')',
  'parameter expansion': '}',
  backtick: '`',
  'arithmetic expansion': ')',
};

/** What is wrong with a source, in bash's words, with the number of the line. */
export function syntaxError(text: string, error: ParseError): { readonly line: number; readonly messages: readonly string[] } {
  const line = text.slice(0, error.pos).split('\n').length;
  const unterminated = /^unterminated (.*)/.exec(error.message)?.[1];
  if (unterminated) return { line, messages: [`unexpected EOF while looking for matching \`${openers[unterminated] ?? unterminated}'`] };
  const rest = text.slice(error.pos);
  if (rest.trim() === '') {
    if (error.message === 'expected redirect target')
      return { line, messages: ["syntax error near unexpected token `newline'", `\`${text.split('\n')[line - 1] ?? ''}'`] };
    return { line: text.replace(/\n$/, '').split('\n').length + 1, messages: ['syntax error: unexpected end of file'] };
  }
  const token = /^unexpected token '(.*)'$/s.exec(error.message)?.[1] ?? /^\s*(\S+)/.exec(rest)?.[1] ?? 'newline';
  return { line, messages: [`syntax error near unexpected token \`${token}'`, `\`${text.split('\n')[line - 1] ?? ''}'`] };
}

/** The error that keeps a script from running, if any. */
export function firstError(script: ParsedScript): ParseError | undefined {
  // The parser reports in the order in which constructs are closed: the leftmost error is the cause.
  return script.errors?.reduce((first, error) => (error.pos < first.pos ? error : first));
}
