/**
 * From a command line to the things that it means: -f files, `TYPE NAME…`, `TYPE/NAME…`, `TYPE1,TYPE2`, selectors, --all.
 * Upstream: cli-runtime/pkg/resource/builder.go, whose error texts these are.
 */
import type { Call } from '../../../emulator/kernel/index.ts';
import { pathSegmentName } from '../../../emulator/machinery/names.ts';
import { StatusError } from '../../../emulator/machinery/status-error.ts';
import { AggregateFailure, CommandError } from '../errors.ts';
import type { Invocation } from '../invocation.ts';
import type { Json } from '../json.ts';
import type { ApiResource } from '../rest/discovery.ts';
import { resourcePath } from '../rest/mapper.ts';
import type { RestRequest } from '../rest/rest-client.ts';
import { builtObjects, kustomizeYaml } from './kustomize.ts';
import type { Manifest } from './manifests.ts';
import { parseManifests, readSources } from './manifests.ts';
import type { Target } from './target.ts';
import { getTarget } from './target.ts';

interface BuilderOptions {
  /** Defaults to the invocation's arguments. */
  readonly args?: readonly string[];
  readonly filenames?: readonly string[];
  /** A directory with a kustomization. */
  readonly kustomize?: string;
  readonly isRecursive?: boolean;
  readonly selector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** --all: everything of the types. */
  readonly all?: boolean;
  readonly allNamespaces?: boolean;
  /** A type alone means all of its objects. */
  readonly allowsTypeAlone?: boolean;
  /** Only one type may be named. */
  readonly isSingleType?: boolean;
  /** Reads the objects from the server, also those that a file gives. False: names are enough. */
  readonly latest?: boolean;
  /** Objects named by arguments need not be read. */
  readonly namesOnly?: boolean;
  /** Never asks the server: --local. */
  readonly isLocal?: boolean;
  readonly accept?: string | undefined;
  readonly subresource?: string | undefined;
  readonly chunkSize?: number;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** The type that names without one belong to: `logs NAME`, `cordon NAME`. */
  readonly defaultType?: string;
}

export interface Selection {
  readonly targets: readonly Target[];
  /** Whether the command named exactly one object. */
  readonly isSingle: boolean;
  readonly errors: readonly unknown[];
  /** The list as the server gave it, when the selection is one list. */
  readonly list?: Json;
  /** The type and the collection's path of that list, for a watch. */
  readonly resource?: ApiResource;
  readonly watchPath?: string;
}

const noResourcesMessage = `You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`;

export const localResourceError =
  "error: you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'";

/** Resolves what the arguments mean. Throws for a wrong use; what the server refused is in `errors`. */
export function* select(invocation: Invocation, options: BuilderOptions): Call<Selection> {
  const filenames = options.filenames ?? [];
  const args = options.args ?? invocation.args;
  const hasSelector = Boolean(options.selector) || Boolean(options.fieldSelector);
  if (options.all && hasSelector && invocation.command.name !== 'scale') {
    const { name } = invocation.command;
    // Upstream leaves this to each command.
    if (name === 'taint') throw new CommandError("setting 'all' parameter with a non empty selector is prohibited");
    if (name === 'delete') throw new CommandError("setting 'all' parameter but found a non empty selector. ");
    throw new CommandError(`cannot set --all and --${options.selector ? 'selector' : 'field-selector'} at the same time`);
  }
  if (filenames.length > 0 || options.kustomize) return yield* byFiles(invocation, options, args);
  if (options.isLocal) throw new CommandError(localResourceError);
  const expanded = yield* expandCategories(invocation, combine(args));
  if (expanded.some((arg) => arg.includes('/'))) return yield* byPairs(invocation, options, expanded);
  const [types, ...names] = expanded;
  if (types === undefined) throw new CommandError(noResourcesMessage);
  if (options.defaultType !== undefined && !hasSelector) return yield* byNames(invocation, options, [options.defaultType], expanded);
  const resources = types.split(',').filter((type) => type !== '');
  const isBulk = hasSelector || options.all || (names.length === 0 && options.allowsTypeAlone === true);
  if (isBulk && options.subresource) throw new CommandError('subresource cannot be used when bulk resources are specified');
  if (isBulk) return yield* bySelector(invocation, options, resources, names);
  if (names.length > 0) return yield* byNames(invocation, options, resources, names);
  for (const type of resources) yield* mapping(invocation, type);
  throw new CommandError('resource(s) were provided, but no name was specified');
}

/** As `select`, for commands that stop when anything could not be found. */
export function* selectAll(invocation: Invocation, options: BuilderOptions): Call<readonly Target[]> {
  const { targets, errors } = yield* select(invocation, options);
  if (errors.length > 0) throw new AggregateFailure(errors);
  return targets;
}

/** Options that the usual flags give. */
export function builderFlags(invocation: Invocation): BuilderOptions {
  const { flags } = invocation;
  return {
    filenames: invocation.flags.list('filename'),
    kustomize: invocation.flags.string('kustomize'),
    isRecursive: flags.bool('recursive'),
    selector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    all: flags.bool('all'),
    allNamespaces: flags.bool('all-namespaces'),
    isLocal: flags.bool('local'),
  };
}

/** Whether -f or -k gives objects. */
export function hasFiles({ flags }: Invocation): boolean {
  return flags.list('filename').length > 0 || flags.string('kustomize') !== '';
}

/** One resource type by what the user calls it. */
export function* mapping(invocation: Invocation, word: string): Call<ApiResource> {
  const mapper = yield* invocation.mapper();
  return yield* mapper.resource(word);
}

/** `a,b x y` means a/x a/y b/x b/y. */
function combine(args: readonly string[]): readonly string[] {
  const types = (args[0] ?? '').split(',').filter((type) => type !== '');
  if (args.length < 2 || types.length < 2) return args;
  return types.flatMap((type) => args.slice(1).map((name) => `${type}/${name}`));
}

function* expandCategories(invocation: Invocation, args: readonly string[]): Call<readonly string[]> {
  const [first, ...rest] = args;
  if (first === undefined || first.includes('/')) return args;
  const words = first.split(',');
  if (words.every((word) => word.includes('.'))) return args;
  const mapper = yield* invocation.mapper();
  const expanded = words.flatMap((word) => {
    const members = mapper.category(word);
    return members.length === 0 ? [word] : members.map((r) => (r.group === '' ? r.resource : `${r.resource}.${r.group}`));
  });
  return [expanded.join(','), ...rest];
}

function* byFiles(invocation: Invocation, options: BuilderOptions, args: readonly string[]): Call<Selection> {
  if (args.some((arg) => arg.includes('/'))) throw new CommandError('resource/name arguments cannot be provided when a path is specified');
  if (args.length > 0)
    throw new CommandError('when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well');
  const { sources, isOneFile } = options.kustomize
    ? yield* builtSource(invocation, options)
    : yield* readSources(invocation, options.filenames ?? [], options.isRecursive ?? false);
  const targets: Target[] = [];
  const errors: unknown[] = [];
  for (const source of sources) {
    try {
      for (const manifest of parseManifests(source)) {
        try {
          const target = yield* targetOf(invocation, manifest, options);
          if (target) targets.push(target);
        } catch (error) {
          // An object of a kind that nobody knows does not keep the others back.
          if (!(error instanceof CommandError) || !error.message.startsWith('resource mapping not found')) throw error;
          errors.push(error);
        }
      }
    } catch (error) {
      errors.push(error);
    }
  }
  if (targets.length === 0 && errors.length === 0) throw new CommandError(`no objects passed to ${invocation.command.name}`);
  if (!options.latest) return { targets, errors, isSingle: isOneFile };
  const read = yield* readEach(invocation, targets, options);
  return { targets: read.targets, errors: [...errors, ...read.errors], isSingle: isOneFile };
}

function* builtSource(invocation: Invocation, { kustomize = '', filenames = [], isRecursive }: BuilderOptions) {
  const problems = [
    ...(filenames.length > 0 ? ['only one of -f or -k can be specified'] : []),
    ...(isRecursive && invocation.flags.changed('recursive') ? ["the -k flag can't be used with -f or -R"] : []),
  ];
  if (problems.length > 0) throw new AggregateFailure(problems.map((text) => new CommandError(text)));
  const text = kustomizeYaml(yield* builtObjects(invocation, kustomize));
  return { sources: [{ source: kustomize, text }], isOneFile: false };
}

/** The target that a manifest describes, its namespace filled in; undefined when a selector leaves it out. */
function* targetOf(
  invocation: Invocation,
  manifest: Manifest,
  options: { readonly selector?: string | undefined; readonly isLocal?: boolean },
): Call<Target | undefined> {
  const { object, source } = manifest;
  validateType(invocation, manifest);
  for (const field of ['apiVersion', 'kind']) {
    if (typeof object[field] === 'string' && object[field] !== '') continue;
    const code =
      field === 'kind'
        ? `Object 'Kind' is missing in '${JSON.stringify(object)}'`
        : `Object 'apiVersion' is missing in '${JSON.stringify(object)}'`;
    throw new CommandError(`unable to decode ${JSON.stringify(source)}: ${code}`);
  }
  const resource = options.isLocal ? localResource(object) : yield* resourceOf(invocation, manifest);
  const given: string = object.metadata?.namespace ?? '';
  const { config } = invocation;
  if (!resource.isNamespaced) return { resource, namespace: '', name: object.metadata?.name ?? '', source, object };
  if (config.isNamespaceExplicit && given !== '' && given !== config.namespace) {
    throw new CommandError(
      `the namespace from the provided object ${JSON.stringify(given)} does not match the namespace ${JSON.stringify(config.namespace)}. You must pass '--namespace=${given}' to perform this operation.`,
    );
  }
  const namespace = given || config.namespace;
  // Locally nobody knows whether the kind has a namespace, so none is added.
  const placed = given === '' && !options.isLocal ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  return { resource, namespace, name: object.metadata?.name ?? '', source, object: placed };
}

/** Commands that validate refuse an object without a type before anything else looks at it. */
function validateType(invocation: Invocation, { object, source }: Manifest): void {
  const { flags } = invocation;
  if (!flags.has('validate') || flags.bool('local') || ['ignore', 'false'].includes(flags.string('validate'))) return;
  const missing = ['apiVersion', 'kind']
    .filter((field) => typeof object[field] !== 'string' || object[field] === '')
    .map((field) => `${field} not set`);
  if (missing.length === 0) return;
  const text = missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`;
  throw new CommandError(
    `error validating ${JSON.stringify(source)}: error validating data: ${text}; if you choose to ignore these errors, turn validation off with --validate=false`,
  );
}

function* resourceOf(invocation: Invocation, { object, source }: Manifest): Call<ApiResource> {
  const mapper = yield* invocation.mapper();
  const resource = yield* mapper.kind(object.apiVersion, object.kind);
  if (resource) return resource;
  throw new CommandError(
    `resource mapping not found for name: ${JSON.stringify(object.metadata?.name ?? '')} namespace: ${JSON.stringify(object.metadata?.namespace ?? '')} from ${JSON.stringify(source)}: no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}\nensure CRDs are installed first`,
  );
}

/** With --local the server is not asked, so only the manifest's own words are known. */
function localResource(object: Json): ApiResource {
  const slash = (object.apiVersion as string).indexOf('/');
  const singular = (object.kind as string).toLowerCase();
  return {
    group: slash < 0 ? '' : object.apiVersion.slice(0, slash),
    version: object.apiVersion.slice(slash + 1),
    kind: object.kind,
    resource: `${singular}s`,
    singular,
    shortNames: [],
    categories: [],
    isNamespaced: true,
    verbs: [],
    subresources: [],
  };
}

function* byPairs(invocation: Invocation, options: BuilderOptions, args: readonly string[]): Call<Selection> {
  if (options.selector || options.fieldSelector || options.all) {
    throw new CommandError('selectors and the all flag cannot be used when passing resource/name arguments');
  }
  const targets: Target[] = [];
  const types = new Set<string>();
  for (const arg of args) {
    const [type, name, ...more] = arg.split('/');
    if (name === undefined && options.defaultType !== undefined) {
      targets.push(named(invocation, yield* mapping(invocation, options.defaultType), arg, options));
      continue;
    }
    if (name === undefined) {
      throw new CommandError(
        `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`,
      );
    }
    if (more.length > 0) throw new CommandError('arguments in resource/name form may not have more than one slash');
    if (!type || name === '' || type.includes(','))
      throw new CommandError('arguments in resource/name form must have a single resource and name');
    const resource = yield* mapping(invocation, type);
    types.add(`${resource.group}/${resource.resource}`);
    targets.push(named(invocation, resource, name, options));
  }
  if (options.isSingleType && types.size > 1) throw new CommandError('you may only specify a single resource type');
  return yield* finish(invocation, targets, options);
}

function* byNames(invocation: Invocation, options: BuilderOptions, types: readonly string[], names: readonly string[]): Call<Selection> {
  if (types.length === 0) throw new CommandError('you must provide a resource and a resource name together');
  if (types.length > 1) throw new CommandError('you must specify only one resource');
  const resource = yield* mapping(invocation, types[0]!);
  return yield* finish(
    invocation,
    names.map((name) => named(invocation, resource, name, options)),
    options,
  );
}

function* finish(invocation: Invocation, targets: readonly Target[], options: BuilderOptions): Call<Selection> {
  const isSingle = targets.length === 1;
  if (options.namesOnly) return { targets, errors: [], isSingle };
  return { ...(yield* readEach(invocation, targets, options)), isSingle };
}

function named(invocation: Invocation, resource: ApiResource, name: string, options: BuilderOptions): Target {
  if (name === '') throw new CommandError('resource name may not be empty');
  const problems = pathSegmentName(name);
  if (problems.length > 0) throw new CommandError(`invalid resource name ${JSON.stringify(name)}: [${problems.join(', ')}]`);
  if (resource.isNamespaced && options.allNamespaces)
    throw new CommandError('a resource cannot be retrieved by name across all namespaces');
  return { resource, namespace: resource.isNamespaced ? invocation.namespace : '', name, source: '' };
}

function* bySelector(invocation: Invocation, options: BuilderOptions, types: readonly string[], names: readonly string[]): Call<Selection> {
  if (names.length > 0) throw new CommandError('name cannot be provided when a selector is specified');
  if (types.length === 0) throw new CommandError('at least one resource must be specified to use a selector');
  if (options.isSingleType && types.length > 1) throw new CommandError('you may only specify a single resource type');
  const resources: ApiResource[] = [];
  for (const type of types) {
    const resource = yield* mapping(invocation, type);
    if (!resources.includes(resource)) resources.push(resource);
  }
  const targets: Target[] = [];
  const errors: unknown[] = [];
  let list: Json;
  for (const resource of resources) {
    try {
      for (const chunk of yield* listChunks(invocation, resource, options)) {
        list = chunk;
        targets.push(...targetsOfList(invocation, resource, chunk, options));
      }
    } catch (error) {
      errors.push(error);
    }
  }
  if (resources.length !== 1) return { targets, errors, isSingle: false };
  const resource = resources[0]!;
  const watchPath = resourcePath(resource, { namespace: options.allNamespaces ? undefined : invocation.namespace });
  return { targets, errors, isSingle: false, list, resource, watchPath };
}

/** A Table stays whole, a list is taken apart. */
function targetsOfList(invocation: Invocation, resource: ApiResource, list: Json, options: BuilderOptions): Target[] {
  const namespace = resource.isNamespaced && !options.allNamespaces ? invocation.namespace : '';
  if (list.kind === 'Table') return [{ resource, namespace, name: '', source: '', object: list }];
  const kind = { apiVersion: list.apiVersion, kind: (list.kind as string).replace(/List$/, '') };
  return (list.items as readonly Json[]).map((item) => {
    const object = item.kind === undefined ? { ...kind, ...item } : item;
    return { resource, namespace: item.metadata.namespace ?? '', name: item.metadata.name, source: '', object };
  });
}

function* listChunks(invocation: Invocation, resource: ApiResource, options: BuilderOptions): Call<readonly Json[]> {
  const chunks: Json[] = [];
  let next: string | undefined;
  do {
    const chunk: Json = yield* listOnce(invocation, resource, options, {
      method: 'GET',
      path: resourcePath(resource, { namespace: options.allNamespaces ? undefined : invocation.namespace }),
      query: {
        continue: next,
        fieldSelector: options.fieldSelector || undefined,
        ...options.query,
        labelSelector: options.selector || undefined,
        limit: options.chunkSize ? String(options.chunkSize) : undefined,
      },
      ...(options.accept && { accept: options.accept }),
    });
    chunks.push(chunk);
    next = chunk.metadata?.continue || undefined;
  } while (next !== undefined);
  return chunks;
}

/** Asks for a list; what the server refuses is said with the selectors. Upstream: cli-runtime/pkg/resource/helper.go, EnhanceListError. */
function* listOnce(invocation: Invocation, resource: ApiResource, options: BuilderOptions, request: RestRequest): Call<Json> {
  try {
    return yield* invocation.client.request(request);
  } catch (error) {
    if (!(error instanceof StatusError) || (error.status.reason !== 'BadRequest' && error.status.reason !== 'NotFound')) throw error;
    const subject = JSON.stringify(`${resource.group}/${resource.version}, Resource=${resource.resource}`);
    const [labels, fields] = [options.selector ?? '', options.fieldSelector ?? ''];
    const start =
      labels === '' && fields === ''
        ? `Unable to list ${subject}`
        : `Unable to find ${subject} that match label selector ${JSON.stringify(labels)}, field selector ${JSON.stringify(fields)}`;
    // What has no Status of its own is told with what was asked for (NewGenericServerResponse).
    const isGeneric = error.status.message === 'the server could not find the requested resource';
    const asked = isGeneric ? ` (get ${resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`})` : '';
    throw new StatusError({ ...error.status, message: `${start}: ${error.status.message}${asked}` });
  }
}

function* readEach(
  invocation: Invocation,
  targets: readonly Target[],
  options: BuilderOptions,
): Call<{ readonly targets: readonly Target[]; readonly errors: readonly unknown[] }> {
  const read: Target[] = [];
  const errors: unknown[] = [];
  for (const target of targets) {
    try {
      read.push({
        ...target,
        object: yield* getTarget(invocation, target, { accept: options.accept, subresource: options.subresource, query: options.query }),
      });
    } catch (error) {
      errors.push(error);
    }
  }
  return { targets: read, errors };
}
