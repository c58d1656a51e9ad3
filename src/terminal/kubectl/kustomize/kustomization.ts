/** The kustomization file: which fields it may have, read as strictly as kustomize reads them. Upstream: api/types/kustomization.go. */
import { textOf } from '../../../emulator/kernel/index.ts';
import { sortKeys } from '../../../emulator/machinery/json.ts';
import { parseYaml, YamlError } from '../../../emulator/machinery/yaml.ts';
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import type { FieldSpec } from './field-path.ts';
import type { Loader } from './loader.ts';

export interface Selector {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}
export interface Patch {
  readonly path?: string;
  readonly patch?: string;
  readonly target?: Selector;
  readonly options?: Readonly<Record<string, boolean>>;
}
export interface GeneratorOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly disableNameSuffixHash?: boolean;
  readonly immutable?: boolean;
}
export interface GeneratorArgs {
  readonly name?: string;
  readonly namespace?: string;
  readonly behavior?: string;
  readonly literals?: readonly string[];
  readonly files?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
  readonly options?: GeneratorOptions;
  readonly type?: string;
}
export interface Label {
  readonly pairs?: Readonly<Record<string, string>>;
  readonly includeSelectors?: boolean;
  readonly includeTemplates?: boolean;
  readonly fields?: readonly FieldSpec[];
}
export interface ImageChange {
  readonly name?: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly tagSuffix?: string;
  readonly digest?: string;
}
export interface ReplacementOptions {
  readonly delimiter?: string;
  readonly index?: number;
  readonly encoding?: string;
  readonly create?: boolean;
}
export interface Replacement {
  readonly path?: string;
  readonly source?: Selector & { readonly fieldPath?: string; readonly options?: ReplacementOptions };
  readonly targets?: readonly {
    readonly select?: Selector;
    readonly reject?: readonly Selector[];
    readonly fieldPaths?: readonly string[];
    readonly options?: ReplacementOptions;
  }[];
}
export interface Var {
  readonly name: string;
  readonly objref: Selector & { readonly apiVersion?: string };
  readonly fieldref?: { readonly fieldPath?: string };
}
export interface Kustomization {
  readonly kind: string;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly namespace?: string;
  readonly commonLabels?: Readonly<Record<string, string>>;
  readonly labels?: readonly Label[];
  readonly commonAnnotations?: Readonly<Record<string, string>>;
  readonly patchesStrategicMerge?: readonly string[];
  readonly patchesJson6902?: readonly Patch[];
  readonly patches?: readonly Patch[];
  readonly images: readonly ImageChange[];
  readonly replacements?: readonly Replacement[];
  readonly replicas?: readonly { readonly name?: string; readonly count?: number }[];
  readonly vars?: readonly Var[];
  readonly sortOptions?: {
    readonly order?: string;
    readonly legacySortOptions?: { readonly orderFirst?: readonly string[]; readonly orderLast?: readonly string[] };
  };
  readonly resources: readonly string[];
  readonly components?: readonly string[];
  readonly configMapGenerator?: readonly GeneratorArgs[];
  readonly secretGenerator?: readonly GeneratorArgs[];
  readonly generatorOptions?: GeneratorOptions;
  readonly configurations?: readonly string[];
  readonly buildMetadata?: readonly string[];
}

type Type = 'string' | 'bool' | 'int64' | 'any' | ListType | MapType | StructType;
interface ListType {
  readonly list: Type;
}
interface MapType {
  readonly map: Type;
}
interface StructType {
  readonly struct: string;
  readonly fields: Readonly<Record<string, Type>>;
}

const struct = (name: string, fields: Readonly<Record<string, Type>>): StructType => ({ struct: name, fields });
const strings = (...names: readonly string[]): Record<string, Type> => Object.fromEntries(names.map((name) => [name, 'string' as const]));
const list = (type: Type): ListType => ({ list: type });
const stringMap: MapType = { map: 'string' };

const gvk = strings('group', 'version', 'kind');
const id = { ...gvk, ...strings('name', 'namespace') };
const selector = struct('Selector', { ...id, ...strings('labelSelector', 'annotationSelector') });
const patch = struct('Patch', { ...strings('path', 'patch'), target: selector, options: { map: 'bool' } });
const options = struct('GeneratorOptions', { labels: stringMap, annotations: stringMap, disableNameSuffixHash: 'bool', immutable: 'bool' });
const generator = {
  ...strings('name', 'namespace', 'behavior', 'env'),
  literals: list('string'),
  files: list('string'),
  envs: list('string'),
  options,
};
const fieldOptions = struct('FieldOptions', { ...strings('delimiter', 'encoding'), index: 'int64', create: 'bool' });
const image = struct('Image', strings('name', 'newName', 'newTag', 'tagSuffix', 'digest'));
const fieldSpec = struct('FieldSpec', { ...gvk, path: 'string', create: 'bool' });

const kustomizationType = struct('Kustomization', {
  ...strings('apiVersion', 'kind', 'namePrefix', 'nameSuffix', 'namespace'),
  metadata: struct('ObjectMeta', { ...strings('name', 'namespace'), labels: stringMap, annotations: stringMap }),
  openapi: stringMap,
  commonLabels: stringMap,
  labels: list(struct('Label', { pairs: stringMap, includeSelectors: 'bool', includeTemplates: 'bool', fields: list(fieldSpec) })),
  commonAnnotations: stringMap,
  patchesStrategicMerge: list('string'),
  patchesJson6902: list(patch),
  patches: list(patch),
  images: list(image),
  imageTags: list(image),
  replacements: list(
    struct('ReplacementField', {
      path: 'string',
      source: struct('SourceSelector', { ...id, fieldPath: 'string', options: fieldOptions }),
      targets: list(
        struct('TargetSelector', { select: selector, reject: list(selector), fieldPaths: list('string'), options: fieldOptions }),
      ),
    }),
  ),
  replicas: list(struct('Replica', { name: 'string', count: 'int64' })),
  vars: list(
    struct('Var', {
      name: 'string',
      objref: struct('Target', { apiVersion: 'string', ...id }),
      fieldref: struct('FieldSelector', strings('fieldPath')),
    }),
  ),
  sortOptions: struct('SortOptions', {
    order: 'string',
    legacySortOptions: struct('LegacySortOptions', { orderFirst: list('string'), orderLast: list('string') }),
  }),
  ...Object.fromEntries(
    ['resources', 'components', 'crds', 'bases', 'configurations', 'generators', 'transformers', 'validators', 'buildMetadata'].map(
      (name) => [name, list('string')],
    ),
  ),
  configMapGenerator: list(struct('ConfigMapArgs', generator)),
  secretGenerator: list(struct('SecretArgs', { ...generator, type: 'string' })),
  generatorOptions: options,
  helmGlobals: 'any',
  helmCharts: 'any',
  helmChartInflationGenerator: 'any',
});

const deprecated: readonly (readonly [field: string, instead: string, mark: string])[] = [
  ['bases', 'resources', ''],
  ['commonLabels', 'labels', ''],
  ['imageTags', 'images', ''],
  ['patchesJson6902', 'patches', ''],
  ['patchesStrategicMerge', 'patches', ''],
  ['vars', 'replacements', '[EXPERIMENTAL] '],
];

/** What is read and understood, and cannot be done here. */
const unsupported = [
  'crds',
  'generators',
  'transformers',
  'validators',
  'openapi',
  'helmCharts',
  'helmChartInflationGenerator',
  'helmGlobals',
];

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The kustomization of a directory; deprecated fields are told to `warn`. */
export function readKustomization(loader: Loader, warn: (line: string) => void): Kustomization {
  const found = fileNames.filter((name) => loader.has(name));
  if (found.length === 0)
    throw new KustomizeError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
    );
  if (found.length > 1) throw new KustomizeError(`Found multiple kustomization files under: ${loader.root}\n`);
  const given = decode(textOf(loader.load(found[0]!)));
  for (const [field, instead, mark] of deprecated) {
    if (given[field] === undefined || given[field] === null) continue;
    warn(
      `# Warning: '${field}' is deprecated. Please use '${instead}' instead. ${mark}Run 'kustomize edit fix' to update your Kustomization automatically.`,
    );
  }
  const kind = given.kind || 'Kustomization';
  const { apiVersion, kind: _, ...content } = given;
  if (
    Object.values(content).every(
      (value) => value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0),
    )
  )
    throw new KustomizeError('kustomization.yaml is empty');
  const problems: string[] = [];
  if (kind !== 'Kustomization' && kind !== 'Component') problems.push('kind should be Kustomization or Component');
  const version = `kustomize.config.k8s.io/${kind === 'Component' ? 'v1alpha1' : 'v1beta1'}`;
  if (apiVersion && apiVersion !== version) problems.push(`apiVersion for ${kind} should be ${version}`);
  if (problems.length > 0) throw new KustomizeError(`Failed to read kustomization file under ${loader.root}:\n${problems.join('\n')}`);
  // Differs from Kubernetes: kustomizations cannot run plugins, Helm or their own OpenAPI documents; such fields are refused by name.
  const refused = unsupported.find((field) => (Array.isArray(given[field]) ? given[field].length > 0 : given[field]));
  if (refused !== undefined) throw new KustomizeError(`${refused} is not supported by this kubectl`);
  return {
    ...given,
    kind,
    resources: [...(given.resources ?? []), ...(given.bases ?? [])],
    images: [...(given.images ?? []), ...(given.imageTags ?? [])],
  };
}

function decode(text: string): Json {
  let value: Json;
  try {
    value = parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new KustomizeError(`invalid Kustomization: ${error.message.replace('error converting YAML to JSON: ', '')}`);
  }
  if (value === null || value === undefined) return {};
  const context = new Decoding();
  const read = context.read(value, kustomizationType, [], 'Kustomization') ?? {};
  if (context.problem !== undefined) throw new KustomizeError(`invalid Kustomization: ${context.problem}`);
  return read;
}

/** Reads JSON as Go's decoder reads it into structs; only the first problem counts. */
class Decoding {
  problem: string | undefined;

  read(value: Json, type: Type, path: readonly string[], owner: string): Json {
    if (value === null || value === undefined || type === 'any') return value ?? undefined;
    if (typeof type === 'string') return this.#scalar(value, type, path, owner);
    if ('list' in type) {
      if (!Array.isArray(value)) return this.#mismatch(value, type, path, owner);
      return value.map((item) => this.read(item, type.list, path, owner));
    }
    if (typeof value !== 'object' || Array.isArray(value)) return this.#mismatch(value, type, path, owner);
    const read: Json = {};
    for (const key of sortKeys(Object.keys(value))) {
      if ('map' in type) read[key] = this.read(value[key], type.map, path, owner);
      else {
        const name = key in type.fields ? key : Object.keys(type.fields).find((field) => field.toLowerCase() === key.toLowerCase());
        if (name === undefined) this.problem ??= `json: unknown field ${JSON.stringify(key)}`;
        else read[name] = this.read(value[key], type.fields[name]!, [...path, name], type.struct);
      }
    }
    return read;
  }

  #scalar(value: Json, type: 'string' | 'bool' | 'int64', path: readonly string[], owner: string): Json {
    const fits = type === 'string' ? typeof value === 'string' : type === 'bool' ? typeof value === 'boolean' : Number.isInteger(value);
    return fits ? value : this.#mismatch(value, type, path, owner);
  }

  #mismatch(value: Json, type: Type, path: readonly string[], owner: string): undefined {
    const given = Array.isArray(value)
      ? 'array'
      : typeof value === 'object'
        ? 'object'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value === 'number' && type === 'int64'
            ? `number ${value}`
            : typeof value;
    const at =
      path.length === 0 ? `Go value of type ${typeName(type)}` : `Go struct field ${owner}.${path.join('.')} of type ${typeName(type)}`;
    this.problem ??= `json: cannot unmarshal ${given} into ${at}`;
    return undefined;
  }
}

function typeName(type: Type): string {
  if (typeof type === 'string') return type;
  if ('list' in type) return `[]${typeName(type.list)}`;
  return 'map' in type ? `map[string]${typeName(type.map)}` : `types.${type.struct}`;
}
