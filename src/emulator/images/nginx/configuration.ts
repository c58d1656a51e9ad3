/** nginx's configuration language: directives with words, ended by `;` or holding a block. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly line: number;
  readonly file: string;
}

/** A configuration that nginx refuses; the message is what follows `[emerg] `. */
export class ConfigurationError extends Error {}

interface Token {
  readonly text: string;
  readonly isWord: boolean;
  readonly line: number;
}

function tokenize(text: string, file: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  const pattern =
    /\n|[ \t\r]+|#[^\n]*|[{};]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:\$\{[^}]*\}|\\.|[^\s{};"'#])(?:\$\{[^}]*\}|\\.|[^\s{};])*/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const [found] = match;
    if (found === '\n') line++;
    else if (/^[{};]$/.test(found)) tokens.push({ text: found, isWord: false, line });
    else if (!/^[ \t\r#]/.test(found)) {
      const isQuoted = found.startsWith('"') || found.startsWith("'");
      tokens.push({
        text: isQuoted
          ? found
              .slice(1, -1)
              .replace(/\\(["'\\])/g, '$1')
              .replace(/\\n/g, '\n')
              .replace(/\\t/g, '\t')
          : found,
        isWord: true,
        line,
      });
      line += found.split('\n').length - 1;
    }
    if (pattern.lastIndex === text.length) return tokens;
  }
  if (text !== '') throw new ConfigurationError(`unexpected end of file, expecting ";" or "}" in ${file}:${line}`);
  return tokens;
}

/** Parses a file; `read` fetches what `include` names (a glob may match many). */
export function parseConfiguration(
  text: string,
  file: string,
  read: (pattern: string) => readonly { readonly path: string; readonly text: string }[],
): Directive[] {
  const tokens = tokenize(text, file);
  let at = 0;
  const block = (isTop: boolean): Directive[] => {
    const directives: Directive[] = [];
    for (;;) {
      const first = tokens[at++];
      if (!first) {
        if (isTop) return directives;
        throw new ConfigurationError(`unexpected end of file, expecting "}" in ${file}:${tokens.at(-1)?.line ?? 1}`);
      }
      if (!first.isWord) {
        if (first.text === '}' && !isTop) return directives;
        throw new ConfigurationError(`unexpected "${first.text}" in ${file}:${first.line}`);
      }
      const args: string[] = [];
      let token = tokens[at++];
      for (; token?.isWord; token = tokens[at++]) args.push(token.text);
      if (!token) throw new ConfigurationError(`unexpected end of file, expecting ";" or "}" in ${file}:${first.line}`);
      if (token.text === '}') throw new ConfigurationError(`unexpected "}" in ${file}:${token.line}`);
      if (first.text === 'include') {
        for (const included of read(args[0] ?? '')) directives.push(...parseConfiguration(included.text, included.path, read));
      } else directives.push({ name: first.text, args, block: token.text === '{' ? block(false) : undefined, line: first.line, file });
    }
  };
  return block(true);
}

/** The directives that are understood; any other is refused as one of a module that is not there. */
export const knownDirectives: ReadonlySet<string> = new Set([
  'user',
  'worker_processes',
  'error_log',
  'pid',
  'events',
  'worker_connections',
  'http',
  'default_type',
  'log_format',
  'access_log',
  'sendfile',
  'tcp_nopush',
  'tcp_nodelay',
  'keepalive_timeout',
  'gzip',
  'server',
  'listen',
  'server_name',
  'location',
  'root',
  'alias',
  'index',
  'return',
  'proxy_pass',
  'proxy_set_header',
  'proxy_http_version',
  'proxy_connect_timeout',
  'proxy_read_timeout',
  'proxy_redirect',
  'proxy_buffering',
  'error_page',
  'add_header',
  'try_files',
  'autoindex',
  'upstream',
  'client_max_body_size',
  'server_tokens',
  'types',
  'multi_accept',
  'use',
  'daemon',
  'charset',
  'etag',
  'expires',
  'resolver',
  'internal',
  'set',
  'ssl_certificate',
  'ssl_certificate_key',
  'ssl_protocols',
  'ssl_ciphers',
  'ssl_prefer_server_ciphers',
  'ssl_session_cache',
  'ssl_session_timeout',
]);

export const named = (block: readonly Directive[] | undefined, name: string): Directive[] =>
  (block ?? []).filter((directive) => directive.name === name);
