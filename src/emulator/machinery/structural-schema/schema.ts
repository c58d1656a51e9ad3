/** Reading a JSON schema as a structural one: what stands where. The checks that make it structural are the CRD's own. */
import type { JSONSchemaProps } from '../../api/generated/types.ts';

export type Json = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of a list's elements. */
export function itemsOf(schema: JSONSchemaProps): JSONSchemaProps | undefined {
  return isMap(schema.items) ? (schema.items as JSONSchemaProps) : undefined;
}

/** The schema of a map's values; `true` when any value will do. */
export function valuesOf(schema: JSONSchemaProps): JSONSchemaProps | true | undefined {
  const { additionalProperties } = schema;
  if (additionalProperties === true) return true;
  return isMap(additionalProperties) ? (additionalProperties as JSONSchemaProps) : undefined;
}

export const typeOf = (schema: JSONSchemaProps): string => (schema['x-kubernetes-int-or-string'] ? '' : (schema.type ?? ''));

export const keepsUnknown = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;
export const isEmbedded = (schema: JSONSchemaProps): boolean => schema['x-kubernetes-embedded-resource'] === true;

/** Fields that every resource has and no schema need name. */
export const metaFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);
