/** History expansion: `!!`, `!$`, `!12`, `!kub`, `^old^new`. */

/** A reference to an event that does not exist. */
export class HistoryError extends Error {}

function event(reference: string, history: readonly string[]): string {
  let found: string | undefined;
  if (reference === '!') found = history.at(-1);
  else if (/^-\d+$/.test(reference)) found = history.at(Number(reference));
  else if (/^\d+$/.test(reference)) found = history[Number(reference) - 1];
  else if (reference.startsWith('?')) found = history.findLast((line) => line.includes(reference.slice(1).replace(/\?$/, '')));
  else found = history.findLast((line) => line.startsWith(reference));
  if (found === undefined) throw new HistoryError(`!${reference}: event not found`);
  return found;
}

function words(line: string): string[] {
  return line.match(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs) ?? [];
}

function select(line: string, designator: string): string {
  const all = words(line);
  switch (designator) {
    case '$':
      return all.at(-1) ?? '';
    case '^':
      return all[1] ?? '';
    case '*':
      return all.slice(1).join(' ');
    default: {
      const range = /^(\d+)(?:-(\d+|\$))?$/.exec(designator);
      if (!range) throw new HistoryError(`:${designator}: bad word specifier`);
      const from = Number(range[1]);
      const to = range[2] === undefined ? from : range[2] === '$' ? all.length - 1 : Number(range[2]);
      if (from >= all.length) throw new HistoryError(`:${designator}: bad word specifier`);
      return all.slice(from, to + 1).join(' ');
    }
  }
}

/** The line with its references put in; undefined when it has none. Throws `HistoryError`. */
export function expandHistory(line: string, history: readonly string[]): string | undefined {
  const quick = /^\^([^^\n]+)\^([^^\n]*)(?:\^(.*))?$/s.exec(line);
  if (quick) {
    const last = event('!', history);
    if (!last.includes(quick[1]!)) throw new HistoryError(`:s${line}: substitution failed`);
    return last.replace(quick[1]!, () => quick[2]!) + (quick[3] ?? '');
  }
  if (!line.includes('!')) return undefined;
  let out = '';
  let hasChanged = false;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (char === '\\' && quote !== "'") {
      out += char + (line[++i] ?? '');
      continue;
    }
    if (char === "'" && quote !== '"') quote = quote ? '' : "'";
    if (char === '"' && quote !== "'") quote = quote ? '' : '"';
    const match =
      char === '!' && quote !== "'"
        ? /^!(?:([$^*])|(!|-?\d+|\?[^?\n]+\??|[^\s!=("'$^*;&|<>-][^\s:;&|<>"']*)(?::([$^*]|\d+(?:-(?:\d+|\$))?)|([$^*]))?)/.exec(
            line.slice(i),
          )
        : null;
    if (!match || (quote === '"' && line[i + 1] === '"') || /[[{]\s?$/.test(line.slice(0, i)) || line[i - 1] === '$') {
      out += char;
      continue;
    }
    hasChanged = true;
    const [whole, bare, reference, designator, short] = match;
    const chosen = event(bare ? '!' : reference!, history);
    const part = bare ?? designator ?? short;
    out += part ? select(chosen, part) : chosen;
    i += whole.length - 1;
  }
  return hasChanged ? out : undefined;
}
