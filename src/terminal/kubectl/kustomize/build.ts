/** How a kustomization and those that it names become resources. Upstream: api/internal/target/kusttarget.go, api/krusty/kustomizer.go. */
import { textOf } from '../../../emulator/kernel/index.ts';
import { parseYaml } from '../../../emulator/machinery/yaml.ts';
import type { Json } from '../json.ts';
import { KustomizeError, textOfError, within } from './error.ts';
import { defaultConfig, type TransformerConfig } from './field-specs.ts';
import { contentHash, generate } from './generators.ts';
import { type Kustomization, readKustomization, type Var } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { fixNameReferences } from './name-references.ts';
import { MalformedYaml, parseObjects } from './parse.ts';
import { legacyOrder, Resource } from './resource.ts';
import { ResourceList } from './resource-list.ts';
import { transformsOf } from './transformers.ts';
import { bindVars, resolveVars } from './vars.ts';

/** What a kustomization has gathered so far. */
interface Gathered {
  readonly resources: ResourceList;
  config: TransformerConfig;
  readonly vars: Var[];
}

type Warn = (line: string) => void;

const emptyGathering = (): Gathered => ({ resources: new ResourceList(), config: defaultConfig, vars: [] });

/** The finished objects, in the order of the output. */
export function buildAt(loader: Loader, warn: Warn): readonly Json[] {
  const kustomization = readKustomization(loader, warn);
  const gathered = gather(loader, kustomization, emptyGathering(), warn);
  const { resources } = gathered;
  for (const resource of resources.items) {
    if (!resource.needsHash) continue;
    resource.rememberId();
    resource.name = `${resource.name}-${contentHash(resource.object)}`;
  }
  fixNameReferences(resources, gathered.config.nameReference);
  resolveVars(resources, gathered.vars, gathered.config.varReference, warn);
  const kept = resources.items.filter(
    ({ object }) => !['true', true].includes(object.metadata?.annotations?.['config.kubernetes.io/local-config']),
  );
  const ordered = inOrder(kept, kustomization);
  if (kustomization.buildMetadata?.includes('managedByLabel')) {
    for (const { object } of ordered)
      object.metadata.labels = { ...object.metadata.labels, 'app.kubernetes.io/managed-by': 'kustomize-(devel)' };
  }
  return ordered.map(({ object }) => object);
}

function inOrder(resources: readonly Resource[], { sortOptions, buildMetadata = [] }: Kustomization): readonly Resource[] {
  // Differs from Kubernetes: annotations about where a resource comes from are not written.
  const refused = buildMetadata.find((name) => name !== 'managedByLabel');
  if (refused !== undefined) throw new KustomizeError(`buildMetadata ${refused} is not supported by this kubectl`);
  if (!sortOptions) return legacyOrder(resources);
  const { order, legacySortOptions } = sortOptions;
  if (order !== 'fifo' && order !== 'legacy') throw new KustomizeError("the field 'sortOptions.order' must be one of [fifo, legacy]");
  if (order === 'legacy') {
    const { orderFirst: first = [], orderLast: last = [] } = legacySortOptions ?? {};
    return legacySortOptions ? legacyOrder(resources, { first, last }) : legacyOrder(resources);
  }
  if (legacySortOptions) {
    throw new KustomizeError("the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'");
  }
  return resources;
}

/** Adds what a kustomization names, generates and transforms; a component goes on with what its parent has gathered. */
function gather(loader: Loader, kustomization: Kustomization, gathered: Gathered, warn: Warn): Gathered {
  within('accumulating resources', () => {
    for (const path of kustomization.resources) gatherPath(loader, path, gathered, warn);
  });
  for (const path of kustomization.configurations ?? []) {
    gathered.config = mergeConfig(gathered.config, parseYaml(textOf(loader.load(path))) as Json);
  }
  for (const kind of ['ConfigMap', 'Secret'] as const) {
    const entries = (kind === 'ConfigMap' ? kustomization.configMapGenerator : kustomization.secretGenerator) ?? [];
    for (const args of entries) {
      const resource = generate(loader, kind, args, kustomization.generatorOptions);
      // Upstream prints where the generator lies in memory.
      within('merging from generator &{0xc000252410 <nil>}', () => gathered.resources.absorb(resource));
    }
  }
  const whole = within('accumulating components', () => {
    let all = gathered;
    for (const path of kustomization.components ?? []) all = gatherComponent(loader, path, all, warn);
    return all;
  });
  for (const transform of transformsOf(kustomization, whole.config, loader)) transform(whole.resources);
  const vars = kustomization.vars ?? [];
  bindVars(whole.resources, vars);
  whole.vars.push(...vars);
  return whole;
}

/** A path is a file of manifests, or else a directory with a kustomization of its own. */
function gatherPath(loader: Loader, path: string, gathered: Gathered, warn: Warn): void {
  let asFile: string;
  try {
    gatherFile(loader, path, gathered);
    return;
  } catch (error) {
    if (error instanceof MalformedYaml) throw error;
    asFile = textOfError(error);
  }
  within(`accumulation err='${asFile}'`, () => gatherDirectory(loader.sub(path), gathered, warn));
}

function gatherFile(loader: Loader, path: string, gathered: Gathered): void {
  let objects: Json[];
  try {
    objects = parseObjects(textOf(loader.load(path)));
  } catch (error) {
    const doing = `accumulating resources from '${path}'`;
    if (error instanceof MalformedYaml) throw new MalformedYaml(`${doing}: MalformedYAMLError: ${error.message} in File: ${path}`);
    throw new KustomizeError(`${doing}: ${textOfError(error)}`);
  }
  within(`merging resources from '${path}'`, () => gathered.resources.appendAll(objects.map((object) => new Resource(object))));
}

function readSub(loader: Loader, warn: Warn): Kustomization {
  return within(`couldn't make target for path '${loader.root}'`, () => readKustomization(loader, warn));
}

function gatherDirectory(loader: Loader, gathered: Gathered, warn: Warn): void {
  const kustomization = readSub(loader, warn);
  if (kustomization.kind === 'Component') throw new KustomizeError(`expected kind != 'Component' for path '${loader.root}'`);
  const below = within(`recursed accumulation of path '${loader.root}'`, () => gather(loader, kustomization, emptyGathering(), warn));
  within(`recursed merging from path '${loader.root}'`, () => gathered.resources.appendAll(below.resources.items));
  gathered.config = mergeConfig(gathered.config, below.config);
  gathered.vars.push(...below.vars);
}

function gatherComponent(parent: Loader, path: string, gathered: Gathered, warn: Warn): Gathered {
  let loader: Loader;
  try {
    loader = parent.sub(path);
  } catch (error) {
    throw new KustomizeError(`loader.New ${JSON.stringify(textOfError(error))}`);
  }
  try {
    const kustomization = readSub(loader, warn);
    if (kustomization.kind !== 'Component')
      throw new KustomizeError(`expected kind 'Component' for path '${loader.root}' but got '${kustomization.kind}'`);
    return within(`recursed accumulation of path '${loader.root}'`, () => gather(loader, kustomization, gathered, warn));
  } catch (error) {
    throw new KustomizeError(`accumulateDirectory: ${JSON.stringify(textOfError(error))}`);
  }
}

function mergeConfig(config: TransformerConfig, more: Json): TransformerConfig {
  if (typeof more !== 'object' || more === null || more === config) return config;
  const merged: Json = { ...config };
  for (const field of Object.keys(config)) {
    const added = (more[field] ?? []).filter((item: Json) => !merged[field].includes(item));
    merged[field] = [...merged[field], ...added];
  }
  return merged;
}
