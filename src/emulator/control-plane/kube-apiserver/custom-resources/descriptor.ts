/**
 * The descriptor of one version of a CustomResourceDefinition: what a built-in kind has in a file, made at run time.
 * Upstream: apiextensions-apiserver/pkg/registry/customresource, pkg/apiserver/customresource_handler.go.
 */
import { allVerbs, defineKind } from '../../../api/define-kind.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../../../api/generated/types.ts';
import type { ActionSubresource, Kind, ObjectSubresource } from '../../../api/kind.ts';
import { decode } from '../../../machinery/decode.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { hasDefaults, setDefaults } from '../../../machinery/structural-schema/default-values.ts';
import { prune } from '../../../machinery/structural-schema/prune.ts';
import { compareVersions } from '../aggregation/priorities.ts';
import { conversionOf } from './conversion.ts';
import { customColumns, selectableFields } from './columns.ts';
import { customScale } from './scale.ts';
import { finalizerWarnings, validateCreate, validateStatus, validateUpdate } from './validation.ts';

export type CustomObject = ApiObject & { readonly status?: unknown; readonly spec?: unknown };

/** All that the parts of the descriptor look at. */
export interface CustomVersion {
  readonly definition: CustomResourceDefinition;
  readonly version: CustomResourceDefinitionVersion;
  readonly schema: JSONSchemaProps;
  readonly hasStatus: boolean;
}

/** `isTerminating`: the definition is being deleted and takes no new objects. */
export function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  model: string,
  isTerminating: boolean,
): Kind {
  const { spec, status } = definition;
  const names = { ...spec.names, ...status?.acceptedNames };
  const schema = version.schema?.openAPIV3Schema ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  const own: CustomVersion = { definition, version, schema, hasStatus };
  const fills = hasDefaults(schema);
  const isNamespaced = spec.scope === 'Namespaced';
  const apiVersion = `${spec.group}/${version.name}`;
  const kind: Kind<CustomObject> = defineKind<CustomObject>({
    group: spec.group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind,
    resource: names.plural,
    singular: names.singular ?? '',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    isNamespaced,
    isCustom: true,
    model,
    openAPISchema: schema,
    withMetadata: (object, metadata) => ({ ...object, apiVersion, kind: names.kind, metadata }),
    hasGeneration: true,
    verbs: isTerminating ? allVerbs.filter((verb) => verb !== 'create') : allVerbs,
    storagePrefix: `${spec.group}/${names.plural}`,
    subresources: subresourcesOf(own),
    defaultsStatus: fills,
    desiredState: (object) => withoutMetadata(object, hasStatus),
    decode: (value) => decodeCustom(value as CustomObject, schema),
    setDefaults: (object) => (fills ? (setDefaults(object, schema) as CustomObject) : object),
    prepareForCreate: (object) => (hasStatus ? without(object, 'status') : object),
    prepareForUpdate: (next, previous) => (hasStatus ? withStatusOf(next, previous) : next),
    validate: (object) => validateCreate(own, object),
    validateUpdate: (next, previous) => validateUpdate(own, next, previous),
    warnings: finalizerWarnings,
    columns: customColumns(version),
    selectableFields: selectableFields(version),
    conversion: conversionOf(definition),
    ...(version.deprecated && { deprecation: deprecationOf(definition, version) }),
  });
  return kind as unknown as Kind;
}

/** Removes unknown fields and tells their paths; metadata are as those of every object. */
function decodeCustom(value: CustomObject, schema: JSONSchemaProps): { readonly object: object; readonly strictErrors: readonly string[] } {
  const unknown: string[] = [];
  const pruned = prune(value, schema, true, unknown) as CustomObject;
  const { object: metadata, strictErrors } = decode<object>(value.metadata ?? {}, 'ObjectMeta');
  const inMetadata = strictErrors.map((text) => text.replace('unknown field "', 'unknown field "metadata.'));
  const errors = [...unknown.sort().map((path) => `unknown field ${JSON.stringify(path)}`), ...inMetadata];
  return {
    object: metadata === pruned.metadata ? pruned : { ...pruned, metadata: metadata as CustomObject['metadata'] },
    strictErrors: errors,
  };
}

function without(object: CustomObject, key: 'status'): CustomObject {
  if (object[key] === undefined) return object;
  const { [key]: _gone, ...rest } = object;
  return rest;
}

const withStatusOf = (next: CustomObject, previous: CustomObject): CustomObject =>
  previous.status === undefined ? without(next, 'status') : { ...next, status: previous.status };

/** What metadata.generation counts: everything but metadata and, where it is apart, the status. */
function withoutMetadata(object: CustomObject, hasStatus: boolean): unknown {
  const { metadata: _metadata, status, apiVersion: _apiVersion, ...rest } = object;
  return hasStatus ? rest : { ...rest, status };
}

function subresourcesOf(own: CustomVersion): Record<string, ObjectSubresource<CustomObject> | ActionSubresource> {
  const subresources: Record<string, ObjectSubresource<CustomObject>> = {};
  const scale = own.version.subresources?.scale;
  if (scale) subresources.scale = customScale(scale);
  if (own.hasStatus) {
    subresources.status = {
      verbs: ['get', 'patch', 'update'],
      prepareForUpdate: (next, previous) => {
        const { resourceVersion, managedFields } = next.metadata;
        const kept = { ...previous, metadata: { ...previous.metadata, resourceVersion, managedFields } };
        return next.status === undefined ? without(kept, 'status') : { ...kept, status: next.status };
      },
      validateUpdate: (next, previous) => validateStatus(own, next, previous),
    };
  }
  return subresources;
}

/** customresource_handler.go, defaultDeprecationWarning. */
function deprecationOf({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): string {
  if (version.deprecationWarning !== undefined) return version.deprecationWarning;
  const { group, names, versions } = spec;
  const better = versions!
    .filter(({ name, served, deprecated }) => served && !deprecated && compareVersions(name, version.name) < 0)
    .map(({ name }) => name)
    .sort(compareVersions)[0];
  const text = `${group}/${version.name} ${names.kind} is deprecated`;
  return better === undefined ? text : `${text}; use ${group}/${better} ${names.kind}`;
}
