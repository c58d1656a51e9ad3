/** kubectl config set and unset: one property of the file by its path. Upstream: kubectl/pkg/cmd/config/set.go, unset.go, navigation_step_parser.go. */
import { base64, fromBase64, utf8 } from '../../../../emulator/kernel/index.ts';
import type { Command } from '../../command.ts';
import { CommandError } from '../../errors.ts';
import { flag } from '../../flag-set.ts';
import type { Json } from '../../json.ts';
import { withField } from '../../json.ts';
import type { Kubeconfig, NamedEntry } from '../../kubeconfig.ts';
import { writableKubeconfig, writeKubeconfig } from '../../kubeconfig.ts';
import { exactly } from './arguments.ts';
import { fieldOf, type Section } from './sections.ts';

type FieldType = 'string' | 'bool' | 'bytes' | 'list';

const fieldTypes: Readonly<Record<Section, Readonly<Record<string, FieldType>>>> = {
  clusters: {
    'certificate-authority': 'string',
    'certificate-authority-data': 'bytes',
    'disable-compression': 'bool',
    'insecure-skip-tls-verify': 'bool',
    'proxy-url': 'string',
    server: 'string',
    'tls-server-name': 'string',
  },
  users: {
    'act-as': 'string',
    'act-as-groups': 'list',
    'act-as-uid': 'string',
    'client-certificate': 'string',
    'client-certificate-data': 'bytes',
    'client-key': 'string',
    'client-key-data': 'bytes',
    password: 'string',
    token: 'string',
    tokenFile: 'string',
    username: 'string',
  },
  contexts: { cluster: 'string', namespace: 'string', user: 'string' },
};

interface Place {
  readonly section: Section;
  /** Empty: the whole section. */
  readonly name: string;
  /** Empty: the whole entry. */
  readonly field: string;
}

/** `contexts.NAME.namespace`; names may hold dots. */
function placeOf(property: string): Place | undefined {
  const [section, ...rest] = property.split('.') as [string, ...string[]];
  if (!(section in fieldOf)) {
    if (section === 'current-context' || section === 'preferences') return undefined;
    throw new CommandError(`unable to parse ${section} after [] at api.Config`);
  }
  const known = fieldTypes[section as Section];
  const last = rest.at(-1);
  const hasField = rest.length > 1 && last !== undefined && last in known;
  return { section: section as Section, name: (hasField ? rest.slice(0, -1) : rest).join('.'), field: hasField ? last : '' };
}

/** Upstream prints where the entries lie in memory. */
const mapText = (entries: readonly NamedEntry[]): string =>
  `map[${entries
    .map(({ name }) => `${name}:0xc000273270`)
    .sort()
    .join(' ')}]`;

export const setProperty: Command = {
  name: 'set',
  short: 'Set an individual value in a kubeconfig file',
  usage: 'config set PROPERTY_NAME PROPERTY_VALUE',
  examples: [
    'config set contexts.kubernetes-admin@kubernetes.namespace shop',
    'config set clusters.kubernetes.server https://172.18.0.2:6443',
  ],
  flags: [flag('set-raw-bytes', 'bool', false, 'Take the value of a field of bytes as it is, not as base64.')],
  *run(invocation) {
    const [property, value] = yield* exactly(invocation, 2);
    const { path, config } = writableKubeconfig(invocation.sys, invocation.flags);
    const changed = changeProperty(config, property!, value!, invocation.flags.bool('set-raw-bytes'));
    writeKubeconfig(invocation.sys, path, changed);
    yield* invocation.out(`Property "${property}" set.\n`);
    return 0;
  },
};

function changeProperty(config: Kubeconfig, property: string, value: string, isRaw: boolean): Kubeconfig {
  const place = placeOf(property);
  if (place === undefined) {
    const path = property.split('.');
    return withField(config, path, path[0] === 'preferences' ? parseValue('bool', value, isRaw) : value);
  }
  const { section, name, field } = place;
  if (name.includes('.exec.')) throw new CommandError(`unable to parse one or more field values of ${property}`);
  if (field === '') throw new CommandError(`can't set a map to a value: ${mapText(config[section])}`);
  const parsed = parseValue(fieldTypes[section][field]!, value, isRaw);
  const before = config[section].find((entry) => entry.name === name);
  const entry = { ...before, name, [fieldOf[section]]: { ...before?.[fieldOf[section]], [field]: parsed } };
  return { ...config, [section]: [...config[section].filter((one) => one !== before), entry].sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function parseValue(type: FieldType, text: string, isRaw: boolean): Json {
  if (type === 'string') return text;
  if (type === 'list') return text.split(',');
  if (type === 'bool') {
    if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
    if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
    throw new CommandError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  if (isRaw) return base64(utf8(text));
  if (fromBase64(text) === undefined) {
    const at = text.search(/[^A-Za-z0-9+/]/);
    throw new CommandError(
      `error decoding input value: illegal base64 data at input byte ${at < 0 ? text.length - (text.length % 4) : at}`,
    );
  }
  return text;
}

export const unset: Command = {
  name: 'unset',
  short: 'Unset an individual value in a kubeconfig file',
  usage: 'config unset PROPERTY_NAME',
  examples: ['config unset current-context', 'config unset contexts.shop.namespace'],
  *run(invocation) {
    const [property] = yield* exactly(invocation, 1);
    const { path, config } = writableKubeconfig(invocation.sys, invocation.flags);
    writeKubeconfig(invocation.sys, path, withoutProperty(config, property!));
    yield* invocation.out(`Property "${property}" unset.\n`);
    return 0;
  },
};

/** What is not there is unset already. */
function withoutProperty(config: Kubeconfig, property: string): Kubeconfig {
  const place = placeOf(property);
  if (place === undefined) return withField(config, property.split('.'), property === 'current-context' ? '' : undefined);
  const { section, name, field } = place;
  if (name === '') return { ...config, [section]: [] };
  if (field === '') return { ...config, [section]: config[section].filter((entry) => entry.name !== name) };
  const entries = config[section].map((entry) => (entry.name === name ? withField(entry, [fieldOf[section], field], undefined) : entry));
  return { ...config, [section]: entries };
}
