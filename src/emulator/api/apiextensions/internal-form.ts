/** Versions, schemas and rules as Go prints its internal types, which some messages do: apiextensions-apiserver/pkg/apis/apiextensions/types*.go. */
import { isMap } from '../../machinery/structural-schema/schema.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps, ValidationRule } from '../generated/types.ts';

type Version = CustomResourceDefinitionVersion;

const listed = <T>(list: readonly T[] | undefined, form: (item: T) => unknown): unknown =>
  list && list.length > 0 ? list.map(form) : null;
const named = (map: Readonly<Record<string, JSONSchemaProps>> | undefined): unknown =>
  map
    ? Object.fromEntries(
        Object.keys(map)
          .sort()
          .map((key) => [key, schemaInGo(map[key]!)]),
      )
    : null;

/** A rule of a schema. */
export const ruleInGo = ({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: ValidationRule): object => ({
  Rule: rule ?? '',
  Message: message ?? '',
  MessageExpression: messageExpression ?? '',
  Reason: reason ?? null,
  FieldPath: fieldPath ?? '',
  OptionalOldSelf: optionalOldSelf ?? null,
});

/** What may be one schema or a list of them. */
export function itemsInGo(items: unknown): object | null {
  if (items === undefined || items === null) return null;
  return {
    Schema: isMap(items) ? schemaInGo(items as JSONSchemaProps) : null,
    JSONSchemas: Array.isArray(items) ? items.map((one) => schemaInGo(one as JSONSchemaProps)) : null,
  };
}

function orBool(value: unknown): object | null {
  if (value === undefined || value === null) return null;
  return { Allows: value !== false, Schema: isMap(value) ? schemaInGo(value as JSONSchemaProps) : null };
}

/** A schema with all of its fields. */
export function schemaInGo(schema: JSONSchemaProps): object {
  return {
    ID: schema.id ?? '',
    Schema: schema.$schema ?? '',
    Ref: schema.$ref ?? null,
    Description: schema.description ?? '',
    Type: schema.type ?? '',
    Nullable: schema.nullable ?? false,
    Format: schema.format ?? '',
    Title: schema.title ?? '',
    Default: schema.default ?? null,
    Maximum: schema.maximum ?? null,
    ExclusiveMaximum: schema.exclusiveMaximum ?? false,
    Minimum: schema.minimum ?? null,
    ExclusiveMinimum: schema.exclusiveMinimum ?? false,
    MaxLength: schema.maxLength ?? null,
    MinLength: schema.minLength ?? null,
    Pattern: schema.pattern ?? '',
    MaxItems: schema.maxItems ?? null,
    MinItems: schema.minItems ?? null,
    UniqueItems: schema.uniqueItems ?? false,
    MultipleOf: schema.multipleOf ?? null,
    Enum: schema.enum ?? null,
    MaxProperties: schema.maxProperties ?? null,
    MinProperties: schema.minProperties ?? null,
    Required: schema.required ?? null,
    Items: itemsInGo(schema.items),
    AllOf: listed(schema.allOf, schemaInGo),
    OneOf: listed(schema.oneOf, schemaInGo),
    AnyOf: listed(schema.anyOf, schemaInGo),
    Not: schema.not ? schemaInGo(schema.not) : null,
    Properties: named(schema.properties),
    AdditionalProperties: orBool(schema.additionalProperties),
    PatternProperties: named(schema.patternProperties),
    Dependencies: schema.dependencies ?? null,
    AdditionalItems: orBool(schema.additionalItems),
    Definitions: named(schema.definitions),
    ExternalDocs: schema.externalDocs ? { Description: schema.externalDocs.description ?? '', URL: schema.externalDocs.url ?? '' } : null,
    Example: schema.example ?? null,
    XPreserveUnknownFields: schema['x-kubernetes-preserve-unknown-fields'] ?? null,
    XEmbeddedResource: schema['x-kubernetes-embedded-resource'] ?? false,
    XIntOrString: schema['x-kubernetes-int-or-string'] ?? false,
    XListMapKeys: schema['x-kubernetes-list-map-keys'] ?? null,
    XListType: schema['x-kubernetes-list-type'] ?? null,
    XMapType: schema['x-kubernetes-map-type'] ?? null,
    XValidations: listed(schema['x-kubernetes-validations'], ruleInGo),
  };
}

/** A version without what the caller left out of it. */
export function versionInGo(version: Version): object {
  const { schema, subresources, additionalPrinterColumns, selectableFields } = version;
  return {
    Name: version.name ?? '',
    Served: version.served ?? false,
    Storage: version.storage ?? false,
    Deprecated: version.deprecated ?? false,
    DeprecationWarning: version.deprecationWarning ?? null,
    Schema: schema ? { OpenAPIV3Schema: schema.openAPIV3Schema ? schemaInGo(schema.openAPIV3Schema) : null } : null,
    Subresources: subresources
      ? {
          Status: subresources.status ? {} : null,
          Scale: subresources.scale
            ? {
                SpecReplicasPath: subresources.scale.specReplicasPath ?? '',
                StatusReplicasPath: subresources.scale.statusReplicasPath ?? '',
                LabelSelectorPath: subresources.scale.labelSelectorPath ?? null,
              }
            : null,
        }
      : null,
    AdditionalPrinterColumns: listed(additionalPrinterColumns, (column) => ({
      Name: column.name ?? '',
      Type: column.type ?? '',
      Format: column.format ?? '',
      Description: column.description ?? '',
      Priority: column.priority ?? 0,
      JSONPath: column.jsonPath ?? '',
    })),
    SelectableFields: listed(selectableFields, ({ jsonPath }) => ({ JSONPath: jsonPath ?? '' })),
  };
}
