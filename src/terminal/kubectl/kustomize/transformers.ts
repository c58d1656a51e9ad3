/** The transformers that fields of a kustomization stand for, in the order in which they run. Upstream: api/internal/target, api/internal/builtins. */
import type { Json } from '../json.ts';
import { KustomizeError } from './error.ts';
import { changeField, changeFields, type FieldSpec } from './field-path.ts';
import type { TransformerConfig } from './field-specs.ts';
import { changeImages } from './images.ts';
import type { Kustomization, Label } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { jsonPatchTransform, patchTransform, strategicMergeTransform, type Transform } from './patches.ts';
import { replacementTransform } from './replacements.ts';
import { gvkMatches, gvkText, isClusterScoped, sameId } from './resource-id.ts';

/** Every transformer is configured before the first one runs. */
export function transformsOf(kustomization: Kustomization, config: TransformerConfig, loader: Loader): readonly Transform[] {
  const {
    patchesStrategicMerge = [],
    patches = [],
    namespace,
    namePrefix,
    nameSuffix,
    commonAnnotations,
    patchesJson6902 = [],
  } = kustomization;
  return [
    ...(patchesStrategicMerge.length > 0 ? [strategicMergeTransform(loader, patchesStrategicMerge)] : []),
    ...patches.map((patch) => patchTransform(loader, patch)),
    ...(namespace ? [setNamespace(namespace, config.namespace)] : []),
    ...(namePrefix ? [rename(config.namePrefix, 'prefixes', namePrefix, (name) => namePrefix + name)] : []),
    ...(nameSuffix ? [rename(config.nameSuffix, 'suffixes', nameSuffix, (name) => name + nameSuffix)] : []),
    ...(kustomization.labels ?? []).map((label) => addPairs(label.pairs ?? {}, labelSpecs(label, config))),
    addPairs(kustomization.commonLabels ?? {}, config.commonLabels),
    addPairs(commonAnnotations ?? {}, config.commonAnnotations),
    ...patchesJson6902.map((patch) => jsonPatchTransform(loader, patch)),
    ...(kustomization.replicas ?? []).map((replica) => setReplicas(replica.name ?? '', replica.count ?? 0, config.replicas)),
    ...kustomization.images.map((image) => changeImages(image, config.images)),
    ...(kustomization.replacements?.length ? [replacementTransform(loader, kustomization.replacements)] : []),
  ];
}

function setNamespace(namespace: string, specs: readonly FieldSpec[]): Transform {
  return (resources) => {
    for (const resource of resources.items) {
      resource.rememberId();
      const { object } = resource;
      if (!isClusterScoped(resource.id)) object.metadata.namespace = namespace;
      if (object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding') {
        for (const subject of object.subjects ?? []) if (subject.name === 'default') subject.namespace = namespace;
      }
      const fitting = specs.filter(
        ({ path }) =>
          path !== 'metadata/namespace' && path !== 'subjects/namespace' && (path !== 'metadata/name' || object.apiVersion === 'v1'),
      );
      changeFields(
        object,
        fitting,
        () => '',
        () => namespace,
      );
      const { id } = resource;
      const same = resources.items.filter((one) => sameId(one.id, id));
      if (same.length > 1) {
        const shown = same.map((one) => JSON.stringify(one.object)).join(' ');
        throw new KustomizeError(`namespace transformation produces ID conflict: [${shown}]`);
      }
    }
  };
}

/** Kinds whose names mean something to the cluster. */
const keptNames = [{ kind: 'CustomResourceDefinition' }, { group: 'apiregistration.k8s.io', kind: 'APIService' }, { kind: 'Namespace' }];

function rename(specs: readonly FieldSpec[], field: 'prefixes' | 'suffixes', part: string, change: (name: string) => string): Transform {
  return (resources) => {
    for (const resource of resources.items) {
      const { originalId } = resource;
      if (keptNames.some((kept) => gvkMatches(originalId, kept))) continue;
      for (const spec of specs) {
        if (!gvkMatches(originalId, spec)) continue;
        if (spec.path === 'metadata/name') {
          resource[field].push(part);
          resource.rememberId();
        }
        changeField(resource.object, spec, () => '', change);
      }
    }
  };
}

/** Which fields a label goes into: the object's own labels, those of templates, or selectors too. */
function labelSpecs({ fields = [], includeSelectors, includeTemplates }: Label, config: TransformerConfig): readonly FieldSpec[] {
  const own = [...fields, ...config.labels];
  if (includeSelectors) return mergeSpecs(own, config.commonLabels);
  const templates = includeTemplates ? mergeSpecs(own, config.templateLabels) : own;
  return mergeSpecs(templates, [{ path: 'metadata/labels', create: true }]);
}

function mergeSpecs(specs: readonly FieldSpec[], more: readonly FieldSpec[]): readonly FieldSpec[] {
  const merged = [...specs];
  for (const spec of more) {
    const same = merged.find((one) => one.path === spec.path && gvkMatches(one, spec));
    if (!same) merged.push(spec);
    else if (Boolean(same.create) !== Boolean(spec.create)) throw new KustomizeError('failed to merge labels: conflicting fieldspecs');
  }
  return merged;
}

function addPairs(pairs: Readonly<Record<string, string>>, specs: readonly FieldSpec[]): Transform {
  const keys = Object.keys(pairs).sort();
  return (resources) => {
    if (keys.length === 0) return;
    for (const { object } of resources.items) {
      changeFields(
        object,
        specs,
        () => ({}),
        (map: Json) => ({ ...map, ...pairs }),
      );
    }
  };
}

function setReplicas(name: string, count: number, specs: readonly FieldSpec[]): Transform {
  return (resources) => {
    let isFound = false;
    for (const spec of specs) {
      for (const resource of resources.byAnyId((id) => id.name === name && gvkMatches(id, spec))) {
        isFound = true;
        changeField(
          resource.object,
          spec,
          () => 0,
          () => count,
        );
      }
    }
    if (isFound) return;
    const kinds = specs.map(gvkText).join(' ');
    throw new KustomizeError(`resource with name ${name} does not match a config with the following GVK [${kinds}]`);
  };
}
