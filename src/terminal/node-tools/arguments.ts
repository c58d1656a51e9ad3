/** Command lines of the node tools: short flags may be joined, long ones may hold a value after `=`. */
export interface Arguments {
  /** By the flag's long name. */
  readonly flags: ReadonlyMap<string, string>;
  readonly words: readonly string[];
}

/** Long names by what may be typed; a value says whether the flag takes one. */
export interface FlagSpec {
  readonly [flag: string]: { readonly name: string; readonly takesValue?: boolean };
}

/** Undefined `unknown` means success. Words after `--`, and after the first word if `stopsAtWord`, are taken as they are. */
export function parseArguments(
  argv: readonly string[],
  spec: FlagSpec,
  stopsAtWord = Number.POSITIVE_INFINITY,
): Arguments & { readonly unknown?: string } {
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') return { flags, words: [...words, ...argv.slice(i + 1)] };
    if (!arg.startsWith('-') || arg === '-' || words.length >= stopsAtWord) {
      words.push(arg);
      continue;
    }
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const given = equals < 0 ? arg : arg.slice(0, equals);
    const known = spec[given];
    if (known) {
      if (!known.takesValue) flags.set(known.name, equals < 0 ? 'true' : arg.slice(equals + 1));
      else flags.set(known.name, equals < 0 ? (argv[++i] ?? '') : arg.slice(equals + 1));
      continue;
    }
    const letters = arg.startsWith('--') ? [] : [...arg.slice(1)];
    if (letters.length < 2) return { flags, words, unknown: given };
    for (let k = 0; k < letters.length; k++) {
      const short = spec[`-${letters[k]}`];
      if (!short) return { flags, words, unknown: `-${letters[k]}` };
      if (!short.takesValue) flags.set(short.name, 'true');
      else {
        flags.set(short.name, letters.slice(k + 1).join('') || (argv[++i] ?? ''));
        break;
      }
    }
  }
  return { flags, words };
}
