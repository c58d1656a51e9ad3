/** The word at the cursor and the simple command it belongs to, in a line that is not finished. */
export interface WordAtCursor {
  /** Words of the simple command before the one at hand, without quotes. */
  readonly words: readonly string[];
  readonly current: string;
  /** Where the word begins in the text. */
  readonly start: number;
  /** The quote that is open at the cursor. */
  readonly quote: '' | "'" | '"';
  /** The word follows `<` or `>`. */
  readonly isRedirect: boolean;
}

const keywords = new Set([
  'if',
  'then',
  'else',
  'elif',
  'while',
  'until',
  'do',
  '!',
  '{',
  'time',
  'sudo',
  'exec',
  'command',
  'nohup',
  'xargs',
  'watch',
]);

export function wordAtCursor(text: string): WordAtCursor {
  let words: string[] = [];
  let current = '';
  let start = 0;
  let inWord = false;
  let quote: '' | "'" | '"' = '';
  let isRedirect = false;
  const finish = (): void => {
    if (inWord && !isRedirect) words.push(current);
    if (inWord) isRedirect = false;
    current = '';
    inWord = false;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (!inWord) start = i;
    if (quote === "'") {
      if (char === "'") quote = '';
      else current += char;
    } else if (char === '\\' && (quote === '' || /["\\$`]/.test(text[i + 1] ?? ''))) {
      current += text[++i] ?? '';
      inWord = true;
    } else if (char === '`' || (char === '$' && text[i + 1] === '(')) {
      // What is inside is a command line of its own.
      finish();
      words = [];
      quote = '';
      if (char === '$') i++;
    } else if (quote === '"') {
      if (char === '"') quote = '';
      else current += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      inWord = true;
    } else if (/\s/.test(char)) {
      finish();
      if (char === '\n') words = [];
    } else if ('|&;()'.includes(char)) {
      finish();
      words = [];
    } else if (char === '<' || char === '>') {
      if (/^\d+$/.test(current)) current = '';
      else finish();
      inWord = false;
      isRedirect = true;
    } else {
      current += char;
      inWord = true;
    }
  }
  if (!inWord) start = text.length;
  return { words: withoutPrefixes(words), current, start, quote, isRedirect };
}

/** Assignments and words like `time` and `watch` stand in front of the command proper. */
function withoutPrefixes(words: readonly string[]): string[] {
  let first = 0;
  while (first < words.length) {
    const word = words[first]!;
    if (keywords.has(word)) {
      first++;
      // Their own options come before the command.
      while (/^-/.test(words[first] ?? '')) first += /^-[nI]$/.test(words[first]!) ? 2 : 1;
    } else if (/^[A-Za-z_]\w*\+?=/.test(word)) first++;
    else break;
  }
  return words.slice(first);
}
