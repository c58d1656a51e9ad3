/**
 * `~/.kube/kuberc`: aliases of commands, and other defaults of their flags. Upstream: kubectl/pkg/kuberc.
 */
import type { Call, Sys } from '../../emulator/kernel/index.ts';
import { textOf } from '../../emulator/kernel/index.ts';
import { quote } from '../../emulator/machinery/go-quote.ts';
import { strictDecodingError } from '../../emulator/machinery/decode.ts';
import { parseYamlDocuments, YamlError } from '../../emulator/machinery/yaml.ts';
import type { Found } from './command-line.ts';
import { findCommand, flagsOf } from './command-line.ts';
import { CommandError, messageOf } from './errors.ts';
import type { Flag } from './flag-set.ts';
import { FlagError, FlagValues } from './flag-set.ts';
import type { Json } from './json.ts';

interface Option {
  readonly name: string;
  readonly default: string;
}

interface Alias {
  readonly name: string;
  readonly command: string;
  readonly prependArgs: readonly string[];
  readonly appendArgs: readonly string[];
  readonly options: readonly Option[];
}

interface Preferences {
  readonly aliases: readonly Alias[];
  readonly defaults: readonly { readonly command: string; readonly options: readonly Option[] }[];
}

/** What is to be run, once the preferences have had their say. */
export interface Prepared {
  readonly found: Found;
  readonly argv: readonly string[];
  /** Values of flags that the command line does not give. */
  readonly presets: readonly (readonly [Flag, string])[];
}

const failure = (message: string): CommandError => new CommandError(`error occurred while applying preferences ${message}`, { bare: true });

/** Finds the command of a line, through the preferences of whoever runs it. */
export function* prepare(sys: Sys, argv: readonly string[]): Call<Prepared> {
  const preferences = argv.length > 0 ? yield* read(sys, argv) : undefined;
  const found = findCommand(argv);
  if (!preferences) return { found, argv, presets: [] };
  validate(preferences);
  if (found.unknown !== undefined) return yield* throughAlias(sys, preferences, found, argv);
  return { found, argv, presets: found.command ? yield* defaultsOf(sys, preferences, found, argv) : [] };
}

function* throughAlias(sys: Sys, { aliases, defaults }: Preferences, found: Found, argv: readonly string[]): Call<Prepared> {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const alias = aliases.find(({ name }) => name === argv[at]);
  if (!alias) return { found, argv, presets: [] };
  const words = fieldsOf(alias.command);
  const target = findCommand(words);
  if (!target.command) throw failure(`command ${quote(alias.command)} not found to set alias ${quote(alias.name)}: [${words.join(' ')}]`);
  for (const { command } of defaults) {
    if (fieldsOf(command)[0] === alias.name) throw failure(`alias ${alias.name} can not be overridden`);
    if (!findCommand(fieldsOf(command)).command) yield* sys.print(2, notFoundWarning(command));
  }
  const line = [...argv.slice(0, at), ...words, ...alias.prependArgs, ...argv.slice(at + 1), ...alias.appendArgs];
  const presets = presetsFor(target, alias.options, argv, {
    unknown: (name) => `invalid alias flag ${name} in alias ${sys.argv[0]}`,
    wrong: (option, why) => `could not apply value ${option.default} to flag ${option.name} in alias ${sys.argv[0]} err: ${why}`,
  });
  return { found: { ...findCommand(line), path: `kubectl ${alias.name}` }, argv: line, presets };
}

function* defaultsOf(sys: Sys, { defaults }: Preferences, found: Found, argv: readonly string[]): Call<Prepared['presets']> {
  const presets: (readonly [Flag, string])[] = [];
  for (const { command, options } of defaults) {
    const named = findCommand(fieldsOf(command));
    if (!named.command) {
      yield* sys.print(2, notFoundWarning(command));
    } else if (named.command.name === found.command!.name) {
      const words = {
        unknown: (name: string) => `invalid flag ${name} for command ${command}`,
        wrong: (option: Option, why: string) =>
          `could not apply override value ${option.default} to flag ${option.name} in command ${command} err: ${why}`,
      };
      presets.push(...presetsFor(found, options, argv, words));
    }
  }
  return presets;
}

const notFoundWarning = (command: string): string => `Warning: command ${quote(command)} not found to set kuberc override\n`;

const fieldsOf = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

function presetsFor(
  { command }: Found,
  options: readonly Option[],
  argv: readonly string[],
  words: { readonly unknown: (name: string) => string; readonly wrong: (option: Option, why: string) => string },
): Prepared['presets'] {
  const flags = flagsOf(command!);
  return options.flatMap((option) => {
    const item = flags.find(({ name }) => name === option.name);
    if (!item) throw failure(words.unknown(option.name));
    if (isGiven(item, argv)) return [];
    try {
      new FlagValues([item]).set(item, option.default);
    } catch (error) {
      if (error instanceof FlagError) throw failure(words.wrong(option, error.message));
      throw error;
    }
    return [[item, option.default] as const];
  });
}

/** Whether a flag stands on the command line, short ones among others too. */
function isGiven({ name, short }: Flag, argv: readonly string[]): boolean {
  return argv.some((word) => {
    if (word === `--${name}` || word.startsWith(`--${name}=`)) return true;
    return short !== undefined && (word.startsWith(`-${short}`) || (/^-[a-zA-Z]+$/.test(word) && word.includes(short)));
  });
}

function validate({ aliases, defaults }: Preferences): void {
  const names = new Set<string>();
  const checkOptions = (options: readonly Option[]): void => {
    const dashed = options.find(({ name }) => name.startsWith('-'));
    if (dashed) throw failure(`flag name ${dashed.name} should be in long form without dashes`);
  };
  for (const { name, options } of aliases) {
    if (!/^[a-zA-Z]+$/.test(name)) throw failure('invalid alias name, can only include alphabetical characters');
    checkOptions(options);
    if (names.has(name)) throw failure(`duplicate alias name ${name}`);
    names.add(name);
  }
  for (const { options } of defaults) checkOptions(options);
}

/** Undefined when there are none. A file that nobody asked for and that cannot be used is only warned of. */
function* read(sys: Sys, argv: readonly string[]): Call<Preferences | undefined> {
  const { env } = sys;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(env.get('KUBECTL_KUBERC') ?? '')) return undefined;
  const asked = askedFile(argv);
  if (env.get('KUBERC') === 'off') {
    if (asked === undefined) return undefined;
    throw failure('kuberc error disabling kuberc via KUBERC=off and passing kuberc flag are mutually exclusive');
  }
  const file = asked ?? `${env.get('HOME') ?? ''}/.kube/kuberc`;
  if (sys.fs.find(sys.path(file)) === undefined) {
    if (asked === undefined) return undefined;
    throw failure(`kuberc error kuberc: open ${file}: no such file or directory`);
  }
  const { preferences, error } = decode(textOf(sys.fs.readFile(sys.path(file))), file);
  if (error === undefined) return preferences;
  if (asked === undefined) {
    yield* sys.print(2, `kuberc: no preferences loaded from ${file}: ${error}`);
    return undefined;
  }
  if (!preferences) throw failure(`kuberc error kuberc: ${error}`);
  yield* sys.print(2, `kuberc: ignoring strict decoding error in ${file}: ${error}`);
  return preferences;
}

function askedFile(argv: readonly string[]): string | undefined {
  for (const [i, word] of argv.entries()) {
    if (word === '--') return undefined;
    if (word !== '--kuberc' && !word.includes('--kuberc=')) continue;
    const file = word === '--kuberc' ? argv[i + 1] : word.split('=')[1];
    if (!file) throw failure('kuberc file is not found');
    return file;
  }
  return undefined;
}

interface Decoded {
  readonly preferences?: Preferences;
  readonly error?: string;
}

/** The first document that can be used. */
function decode(text: string, file: string): Decoded {
  let documents: readonly Json[];
  try {
    documents = parseYamlDocuments(text) as readonly Json[];
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    documents = [messageOf(error) as unknown as Json];
  }
  const attempted = documents.filter((document) => document !== null && document !== undefined);
  for (const document of attempted) {
    const version = versions[(document as { readonly apiVersion?: string }).apiVersion ?? ''];
    if (version && (document as { readonly kind?: string }).kind === 'Preference') {
      const decoded = decodeDocument(document, version);
      if (decoded) return decoded;
    }
  }
  return attempted.length > 0 ? { error: `no valid preferences found in ${file}, use --v=5 to see details` } : {};
}

/** What the two versions call defaults, and options. */
interface Version {
  readonly defaults: string;
  readonly options: string;
}

const versions: Readonly<Record<string, Version>> = {
  'kubectl.config.k8s.io/v1alpha1': { defaults: 'overrides', options: 'flags' },
  'kubectl.config.k8s.io/v1beta1': { defaults: 'defaults', options: 'options' },
};

/** Undefined when a value has the wrong type. */
function decodeDocument(document: Json, { defaults, options }: Version): Decoded | undefined {
  const unknown: string[] = [];
  const known = (at: string, object: Json, names: readonly string[]): void => {
    for (const name of Object.keys(object)) if (!names.includes(name)) unknown.push(`unknown field ${quote(at + name)}`);
  };
  const optionsOf = (at: string, object: Json): readonly Option[] =>
    listOf<Json>(object[options], 'object').map((option, i) => {
      known(`${at}${options}[${i}].`, option, ['name', 'default']);
      return { name: textAt(option, 'name'), default: textAt(option, 'default') };
    });
  try {
    known('', document, ['apiVersion', 'kind', 'aliases', defaults]);
    const preferences: Preferences = {
      aliases: listOf<Json>(document.aliases, 'object').map((alias, i) => {
        const at = `aliases[${i}].`;
        known(at, alias, ['name', 'command', 'prependArgs', 'appendArgs', options]);
        const [prependArgs, appendArgs] = [listOf<string>(alias.prependArgs, 'string'), listOf<string>(alias.appendArgs, 'string')];
        return { name: textAt(alias, 'name'), command: textAt(alias, 'command'), prependArgs, appendArgs, options: optionsOf(at, alias) };
      }),
      defaults: listOf<Json>(document[defaults], 'object').map((one, i) => {
        const at = `${defaults}[${i}].`;
        known(at, one, ['command', options]);
        return { command: textAt(one, 'command'), options: optionsOf(at, one) };
      }),
    };
    return unknown.length === 0 ? { preferences } : { preferences, error: strictDecodingError(unknown) };
  } catch (error) {
    if (error instanceof WrongType) return undefined;
    throw error;
  }
}

class WrongType extends Error {}

function listOf<T>(value: unknown, type: 'object' | 'string'): readonly T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.some((item) => typeof item !== type || item === null)) throw new WrongType();
  return value as readonly T[];
}

function textAt(object: Json, name: string): string {
  const value: unknown = object[name] ?? '';
  if (typeof value !== 'string') throw new WrongType();
  return value;
}
