/** Reads a Corefile: server blocks with their keys, and in each the directives of its plugins (coredns.io/manual/configuration). */

/** One line of a plugin's block, or the plugin's own line. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[];
  readonly line: number;
}

export interface ServerBlock {
  /** Zones with their final dot, in lower case. */
  readonly zones: readonly string[];
  readonly port: number;
  readonly directives: readonly Directive[];
}

/** A Corefile that CoreDNS does not start with; the message is its own. */
export class CorefileError extends Error {
  constructor(path: string, line: number, problem: string) {
    super(`${path}:${line} - Error during parsing: ${problem}`);
  }
}

/** A plugin's lines that the plugin does not understand (plugin.Error of plugin/plugin.go). */
export class PluginError extends CorefileError {
  /** Without a line where the plugin itself does not say one. */
  constructor(plugin: string, problem: string, at?: { readonly path: string; readonly line: number }) {
    super(at?.path ?? '', at?.line ?? 0, problem);
    this.message = `plugin/${plugin}: ${at ? this.message : problem}`;
  }
}

interface Token {
  readonly text: string;
  readonly line: number;
}

/** Words with their lines; quotes hold spaces, `#` begins a comment, `{$NAME}` is a variable of the environment. */
function tokensOf(text: string, env: ReadonlyMap<string, string>): Token[] {
  const tokens: Token[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\{\$(\w+)\}/g, (_, name: string) => env.get(name) ?? '');
    for (const [word, quoted] of line.matchAll(/"((?:\\"|[^"])*)"|#.*|[^\s#"]+/g)) {
      if (word.startsWith('#')) break;
      tokens.push({ text: quoted === undefined ? word : quoted.replaceAll('\\"', '"'), line: i + 1 });
    }
  }
  return tokens;
}

/** The server blocks of a Corefile. Throws a `CorefileError`. */
export function parseCorefile(text: string, path: string, env: ReadonlyMap<string, string> = new Map()): readonly ServerBlock[] {
  const tokens = tokensOf(text, env);
  const blocks: ServerBlock[] = [];
  let at = 0;
  while (at < tokens.length) {
    const keys: string[] = [];
    const from = tokens[at]!;
    for (; at < tokens.length && tokens[at]!.text !== '{'; at++) keys.push(...tokens[at]!.text.split(',').filter((key) => key !== ''));
    if (at >= tokens.length)
      throw new CorefileError(path, from.line, `Wrong argument count or unexpected line ending after '${keys.at(-1)}'`);
    const parsed = parseDirectives(tokens, at + 1, path);
    at = parsed.next;
    blocks.push(...serverBlocks(keys, parsed.directives, path, from.line));
  }
  return blocks;
}

/** Keys with different ports are servers of their own. */
function serverBlocks(keys: readonly string[], directives: readonly Directive[], path: string, line: number): ServerBlock[] {
  const byPort = new Map<number, string[]>();
  for (const key of keys) {
    const match = /^(?:dns:\/\/)?([^:]*)(?::(\d+))?$/.exec(key);
    if (!match) throw new CorefileError(path, line, `unsupported key '${key}'`);
    const zone = `${match[1]!.toLowerCase().replace(/\.$/, '')}.`;
    const port = Number(match[2] ?? 53);
    byPort.set(port, [...(byPort.get(port) ?? []), zone]);
  }
  return [...byPort].map(([port, zones]) => ({ port, zones, directives }));
}

/** Directives up to the closing brace; a line is one directive, and may open a block at its end. */
function parseDirectives(
  tokens: readonly Token[],
  from: number,
  path: string,
): { readonly directives: Directive[]; readonly next: number } {
  const directives: Directive[] = [];
  let at = from;
  while (at < tokens.length) {
    const { text: name, line } = tokens[at]!;
    if (name === '}') return { directives, next: at + 1 };
    at++;
    const args: string[] = [];
    for (; at < tokens.length && tokens[at]!.line === line && tokens[at]!.text !== '{' && tokens[at]!.text !== '}'; at++)
      args.push(tokens[at]!.text);
    let block: readonly Directive[] = [];
    if (tokens[at]?.text === '{' && tokens[at]!.line === line) {
      const parsed = parseDirectives(tokens, at + 1, path);
      block = parsed.directives;
      at = parsed.next;
    }
    directives.push({ name, args, block, line });
  }
  throw new CorefileError(path, tokens.at(-1)?.line ?? 1, "Unexpected EOF, expecting '}'");
}
