/**
 * go-yaml's words for the errors of the package `yaml`. go-yaml's scanner counts lines from 1 and its parser from 0, so that the
 * same place is told as two lines; both are kept.
 */
import type { YAMLParseError } from 'yaml';

export function goYamlMessage(text: string, error: YAMLParseError): string {
  const line = lineAt(text, error.pos[0]);
  const scanner = (message: string, at = line): string => `yaml: line ${at}: ${message}`;
  const parser = (message: string, at = line): string => (at <= 1 ? `yaml: ${message}` : `yaml: line ${at - 1}: ${message}`);
  const end = lineAt(text, text.length);
  switch (error.code) {
    // Differs from Kubernetes: the depth that this parser can go is smaller, some hundreds of levels.
    case 'RESOURCE_EXHAUSTION':
      return 'yaml: exceeded max depth of 10000';
    case 'TAB_AS_INDENT':
      return scanner('found a tab character that violates indentation');
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (/^ *-\s/.test(text.slice(error.pos[0]))) return parser('did not find expected key');
      return scanner('mapping values are not allowed in this context', colonLine(text, error.pos[0]));
    case 'BAD_SCALAR_START':
      return scanner('found character that cannot start any token');
    case 'BAD_DQ_ESCAPE':
      return scanner('found unknown escape character');
    case 'BAD_ALIAS':
      return parser('did not find expected alphabetic or numeric character');
    case 'MULTILINE_IMPLICIT_KEY':
      return scanner("could not find expected ':'", colonLine(text, error.pos[0]));
    case 'MISSING_CHAR':
      return missing(text, error, { scanner, parser, line, end });
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow')) return parser(flowMessage(text, error.pos[0]));
      return parser(expectedAt(text, error.pos[0]));
    default:
      return parser(expectedAt(text, error.pos[0]));
  }
}

interface Where {
  readonly scanner: (message: string, at?: number) => string;
  readonly parser: (message: string, at?: number) => string;
  readonly line: number;
  readonly end: number;
}

function missing(text: string, error: YAMLParseError, { scanner, parser, line, end }: Where): string {
  if (/closing ['"]/.test(error.message)) return scanner('found unexpected end of stream', end);
  if (error.message.includes('map values')) return scanner("could not find expected ':'", nextTokenLine(text, line));
  if (/Missing|expected to end|, or :/.test(error.message) || /[[\]{},]/.test(error.message))
    return parser(flowMessage(text, error.pos[0]));
  return parser('did not find expected key');
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/** The line on which a key of several lines gets its colon. */
function colonLine(text: string, offset: number): number {
  const colon = /:(\s|$)/.exec(text.slice(offset));
  return lineAt(text, colon ? offset + colon.index : text.length);
}

/** The first line after `line` that has something on it. */
function nextTokenLine(text: string, line: number): number {
  const lines = text.split('\n');
  for (let i = line; i < lines.length; i++) if (/^\s*[^\s#]/.test(lines[i]!)) return i + 1;
  return lines.length;
}

/** What would end the innermost flow collection that is open. */
function flowMessage(text: string, offset: number): string {
  const open: string[] = [];
  for (const char of text.slice(0, offset)) {
    if (char === '{' || char === '[') open.push(char);
    else if (char === '}' || char === ']') open.pop();
  }
  return `did not find expected ',' or '${open.pop() === '[' ? ']' : '}'}'`;
}

/** In a list the parser wants an indicator, else a key. */
function expectedAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const indent = /^ */.exec(text.slice(start))![0].length;
  const before = text.slice(0, start).split('\n');
  for (let i = before.length - 2; i >= 0; i--) {
    const match = /^( *)(\S)/.exec(before[i]!);
    if (match && match[1]!.length <= indent)
      return match[2] === '-' && match[1]!.length === indent ? "did not find expected '-' indicator" : 'did not find expected key';
  }
  return 'did not find expected key';
}
