/** Patches: strategic merge and JSON 6902, inline and from files. Upstream: api/internal/builtins/Patch*.go. */
import { textOf } from '../../../emulator/kernel/index.ts';
import { applyJsonPatch } from '../../../emulator/machinery/patch/json-patch.ts';
import { PatchError } from '../../../emulator/machinery/patch/patch-error.ts';
import { parseYaml, toYaml, YamlError } from '../../../emulator/machinery/yaml.ts';
import type { Json } from '../json.ts';
import { KustomizeError, textOfError } from './error.ts';
import type { Patch } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { copy, MalformedYaml, parseObjects } from './parse.ts';
import { Resource } from './resource.ts';
import { idText } from './resource-id.ts';
import type { ResourceList } from './resource-list.ts';
import { strategicMerge } from './strategic-merge.ts';

/** A transformation that is ready to run: whatever is wrong with its configuration was found before any one runs. */
export type Transform = (resources: ResourceList) => void;

/** The errors of a transformer's configuration show the configuration. */
export function configured<T>(type: string, config: Json, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new KustomizeError(`trouble configuring builtin ${type} with config: \`\n${toYaml(config)}\`: ${textOfError(error)}`);
  }
}

/** An entry of `patches`. */
export function patchTransform(loader: Loader, entry: Patch): Transform {
  const config = { ...entry, ...(entry.patch !== undefined && { patch: entry.patch }) };
  return configured('PatchTransformer', config, () => {
    const inline = (entry.patch ?? '').trim();
    if (inline === '' && !entry.path) throw new KustomizeError(`must specify one of patch and path in\n${toYaml(config)}`.trimEnd());
    if (inline !== '' && entry.path) throw new KustomizeError(`patch and path can't be set at the same time\n${toYaml(config)}`);
    const text = inline === '' ? loadPatch(loader, entry.path!) : inline;
    const source = inline === '' ? `[path: ${JSON.stringify(entry.path)}]` : `[patch: ${JSON.stringify(inline)}]`;
    const [objects, operations] = [tryRead(() => parseObjects(text)), tryRead(() => readOperations(text))];
    if (objects && operations) throw new KustomizeError(`illegally qualifies as both an SM and JSON patch: ${source}`);
    if (!objects && !operations) throw new KustomizeError(`unable to parse SM or JSON patch from ${source}`);
    return objects ? mergePatch(entry, objects, source) : jsonPatch(entry, operations!, source);
  });
}

function loadPatch(loader: Loader, path: string): string {
  try {
    return textOf(loader.load(path));
  } catch (error) {
    throw new KustomizeError(`failed to get the patch file from path(${path}): ${textOfError(error)}`);
  }
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof KustomizeError) return undefined;
    throw error;
  }
}

function readOperations(text: string): Json[] {
  let value: Json;
  try {
    value = parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new MalformedYaml(error.message);
  }
  if (!Array.isArray(value)) throw new KustomizeError('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  return value;
}

function mergePatch({ target, options = {} }: Patch, objects: readonly Json[], source: string): Transform {
  return (resources) => {
    if (target !== undefined) {
      if (objects.length > 1) {
        throw new KustomizeError(
          `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
        );
      }
      const [patch] = objects;
      for (const resource of resources.select(target)) {
        // A target that the patch does not name keeps its own type.
        const { apiVersion, kind } = resource.object;
        mergeInto(resource, { ...patch, apiVersion, kind: options.allowKindChange ? patch.kind : kind }, options);
      }
    } else {
      for (const patch of objects) {
        const { id } = new Resource(patch);
        let found: Resource;
        try {
          found = resources.target(id);
        } catch (error) {
          throw new KustomizeError(`no resource matches strategic merge patch ${JSON.stringify(idText(id))}: ${textOfError(error)}`);
        }
        mergeInto(found, patch, options);
      }
    }
    dropDeleted(resources);
  };
}

function mergeInto(resource: Resource, patch: Json, options: Readonly<Record<string, boolean>>): void {
  const { name, namespace } = resource.object.metadata;
  const { kind } = resource.object;
  if (options.allowNameChange || options.allowKindChange) resource.rememberId();
  const merged = copy(strategicMerge(resource.object, patch));
  resource.object = merged;
  if (merged === undefined) return;
  if (!options.allowKindChange) merged.kind = kind;
  merged.metadata = { ...merged.metadata };
  if (!options.allowNameChange) merged.metadata.name = name;
  if (namespace === undefined) delete merged.metadata.namespace;
  else merged.metadata.namespace = namespace;
}

function dropDeleted(resources: ResourceList): void {
  resources.items = resources.items.filter((resource) => resource.object !== undefined);
}

function jsonPatch({ target }: Patch, operations: readonly Json[], source: string): Transform {
  return (resources) => {
    if (target === undefined) throw new KustomizeError(`must specify a target for JSON patch ${source}`);
    for (const resource of resources.select(target)) {
      resource.rememberId();
      // kustomize keeps earlier names in annotations, so that there is a map for an operation to add to.
      const { metadata } = resource.object;
      metadata.annotations ??= {};
      applyOperations(resource, operations);
      if (Object.keys(resource.object.metadata?.annotations ?? { kept: true }).length === 0) delete resource.object.metadata.annotations;
    }
  };
}

function applyOperations(resource: Resource, operations: readonly Json[]): void {
  try {
    // The patched object shares what was not touched, and values of the patch.
    resource.object = copy(applyJsonPatch(resource.object, operations));
  } catch (error) {
    throw error instanceof PatchError ? new KustomizeError(error.message) : error;
  }
}

/** `patchesStrategicMerge`: each entry is a patch, or the path of one. */
export function strategicMergeTransform(loader: Loader, entries: readonly string[]): Transform {
  return configured('PatchStrategicMergeTransformer', { paths: entries }, () => {
    const patches = entries.flatMap((entry) => tryRead(() => parseObjects(entry)) ?? parsePatchFile(loader, entry));
    return (resources) => {
      for (const patch of patches) mergeInto(resources.target(new Resource(patch).id), patch, {});
      dropDeleted(resources);
    };
  });
}

function parsePatchFile(loader: Loader, path: string): Json[] {
  const text = textOf(loader.load(path));
  try {
    return parseObjects(text);
  } catch (error) {
    throw error instanceof MalformedYaml ? new KustomizeError(`MalformedYAMLError: ${error.message} in File: ${path}`) : error;
  }
}

/** An entry of `patchesJson6902`. */
export function jsonPatchTransform(loader: Loader, { target, path, patch }: Patch): Transform {
  const config = { ...(target && { target }), ...(path && { path }), ...(patch && { jsonOp: patch }) };
  return configured('PatchJson6902Transformer', config, () => {
    if (!target?.name) throw new KustomizeError('must specify the target name');
    if (!path && !patch) throw new KustomizeError('empty file path and empty jsonOp');
    if (path && patch) throw new KustomizeError('must specify a file path or jsonOp, not both');
    const text = path ? textOf(loader.load(path)) : patch!;
    if (text === '') throw new KustomizeError(`patch file '${path}' empty seems to be empty`);
    const operations = readOperations(text);
    if (operations.length === 0) throw new KustomizeError(`patch appears to be empty; file=${path ?? ''}, JsonOp=${text}`);
    return (resources) => {
      for (const resource of resources.select(target)) applyOperations(resource, operations);
    };
  });
}
