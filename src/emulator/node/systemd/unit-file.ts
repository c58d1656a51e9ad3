/** Unit files and their drop-ins, as systemd reads them (man systemd.unit, systemd.service), as far as a service of a node needs. */
import type { FileSystem } from '../../kernel/index.ts';
import { textOf } from '../../kernel/index.ts';

/** Where unit files lie, the weightier first: what an administrator writes wins over what packages bring. */
export const unitFolders = ['/etc/systemd/system', '/run/systemd/system', '/usr/lib/systemd/system'] as const;

/** What the files of a unit say. */
export interface UnitDefinition {
  readonly description: string;
  readonly documentation: readonly string[];
  /** The command line as it is written, undefined where no file gives one. */
  readonly execStart: string | undefined;
  /** `NAME=value`, in their order. */
  readonly environment: readonly string[];
  /** Paths; one that begins with `-` need not be there. */
  readonly environmentFiles: readonly string[];
  readonly restart: 'no' | 'always' | 'on-failure' | 'on-success' | 'on-abnormal' | 'on-abort' | 'on-watchdog';
  readonly restartMs: number;
  /** More starts than `burst` within the interval are refused; an interval of 0 allows any number. */
  readonly startLimit: { readonly intervalMs: number; readonly burst: number };
  readonly isOneshot: boolean;
  readonly remainsAfterExit: boolean;
  readonly wantedBy: readonly string[];
}

/** `Key=value` pairs of a file by section. Lines may go on after a backslash. */
function parse(text: string): readonly (readonly [section: string, key: string, value: string])[] {
  const found: [string, string, string][] = [];
  let section = '';
  for (const line of text.replaceAll(/\\\n/g, ' ').split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#') || trimmed.startsWith(';')) continue;
    const head = /^\[(.*)\]$/.exec(trimmed);
    if (head) section = head[1]!;
    else {
      const equals = trimmed.indexOf('=');
      if (equals > 0) found.push([section, trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim()]);
    }
  }
  return found;
}

const units: Readonly<Record<string, number>> = { '': 1000, s: 1000, sec: 1000, ms: 1, min: 60_000, m: 60_000, h: 3_600_000 };

/** `10`, `10s`, `1min 30s`. */
function spanMs(text: string): number {
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)) sum += Number(count) * (units[unit] ?? 1000);
  return sum;
}

const isTrue = (text: string | undefined): boolean => /^(1|yes|y|true|t|on)$/i.test(text ?? '');

/** Splits as systemd splits words: quotes hold together. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)) words.push(match[0].replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  return words;
}

function define(texts: readonly string[]): UnitDefinition {
  const lists = new Map<string, string[]>();
  for (const [, key, value] of texts.flatMap(parse)) {
    // An empty value takes back what was said before.
    if (value === '') lists.set(key, []);
    else lists.set(key, [...(lists.get(key) ?? []), value]);
  }
  const last = (key: string): string | undefined => lists.get(key)?.at(-1);
  const interval = last('StartLimitIntervalSec') ?? last('StartLimitInterval');
  return {
    description: last('Description') ?? '',
    documentation: (lists.get('Documentation') ?? []).flatMap((value) => value.split(/\s+/)),
    execStart: last('ExecStart'),
    environment: (lists.get('Environment') ?? []).flatMap(splitWords),
    environmentFiles: lists.get('EnvironmentFile') ?? [],
    restart: (last('Restart') ?? 'no') as UnitDefinition['restart'],
    restartMs: last('RestartSec') === undefined ? 100 : spanMs(last('RestartSec')!),
    startLimit: { intervalMs: interval === undefined ? 10_000 : spanMs(interval), burst: Number(last('StartLimitBurst') ?? 5) },
    isOneshot: last('Type') === 'oneshot',
    remainsAfterExit: isTrue(last('RemainAfterExit')),
    wantedBy: (lists.get('WantedBy') ?? []).flatMap((value) => value.split(/\s+/)),
  };
}

/** Machines mostly have the same files, so they are read once. */
const defined = new Map<string, UnitDefinition>();
const maxDefined = 100;

export interface LoadedUnit {
  /** Undefined where no file of the name exists. */
  readonly path: string | undefined;
  readonly isMasked: boolean;
  readonly dropIns: readonly string[];
  readonly definition: UnitDefinition;
  /** What the files said together, to see when they change. */
  readonly text: string;
}

/** Drop-ins apply in the order of their names, wherever they lie. */
function dropInsOf(fs: FileSystem, name: string): string[] {
  const found = new Map<string, string>();
  for (const folder of [...unitFolders].reverse()) {
    const path = `${folder}/${name}.d`;
    if (fs.find(path)?.kind !== 'directory') continue;
    for (const file of fs.list(path)) if (file.endsWith('.conf')) found.set(file, `${path}/${file}`);
  }
  return [...found.keys()].sort().map((file) => found.get(file)!);
}

/** Reads what the files say now. */
export function loadUnit(fs: FileSystem, name: string): LoadedUnit {
  const path = unitFolders
    .map((folder) => `${folder}/${name}`)
    .find((candidate) => fs.find(candidate, { followLast: false }) !== undefined);
  const link = path === undefined ? undefined : fs.find(path, { followLast: false });
  const isMasked = link?.kind === 'symlink' && link.target === '/dev/null';
  const file = path === undefined || isMasked ? undefined : fs.find(path);
  const dropIns = file ? dropInsOf(fs, name) : [];
  const texts = file?.kind === 'file' ? [path!, ...dropIns].map((one) => textOf(fs.readFile(one))) : [];
  const text = `${isMasked}\0${texts.join('\0')}`;
  let definition = defined.get(text);
  if (!definition) {
    if (defined.size >= maxDefined) defined.clear();
    definition = define(texts);
    defined.set(text, definition);
  }
  return { path, isMasked, dropIns, definition, text };
}

/** `NAME=value` lines of a file, without quotes. */
function readEnvironment(text: string): [string, string][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#;]/.test(line) && line.includes('='))
    .map((line) => {
      const equals = line.indexOf('=');
      return [
        line.slice(0, equals).trim(),
        line
          .slice(equals + 1)
          .trim()
          .replace(/^(["'])(.*)\1$/, '$2'),
      ];
    });
}

/** The environment of a service; or the path of a file that must be there and is not. */
export function environmentOf(fs: FileSystem, { environment, environmentFiles }: UnitDefinition): Map<string, string> | string {
  const found = new Map<string, string>();
  for (const pair of environment) found.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  for (const entry of environmentFiles) {
    const path = entry.replace(/^-/, '');
    if (fs.find(path)?.kind === 'file') for (const [name, value] of readEnvironment(textOf(fs.readFile(path)))) found.set(name, value);
    else if (!entry.startsWith('-')) return path;
  }
  return found;
}

/** The command line with its variables: `$NAME` alone is split into words, `${NAME}` stays one. */
export function commandLine(execStart: string, environment: ReadonlyMap<string, string>): string[] {
  return splitWords(execStart.replace(/^[-@:+!]+/, '')).flatMap((word) => {
    const alone = /^\$([A-Za-z_]\w*)$/.exec(word);
    if (alone) return splitWords(environment.get(alone[1]!) ?? '');
    return [word.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => environment.get(name) ?? '')];
  });
}
