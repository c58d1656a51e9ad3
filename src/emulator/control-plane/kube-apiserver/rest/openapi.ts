/**
 * OpenAPI documents from the run-time schema: enough for `kubectl explain` and for clients that look which query parameters
 * a server understands. Descriptions come from the host, if it has them.
 */
import { apiVersionOf } from '../../../api/kind.ts';
import type { JSONSchemaProps } from '../../../api/generated/types.ts';
import type { Call, HttpResponse } from '../../../kernel/index.ts';
import { hasModel, modelSchema } from '../../../machinery/schema.ts';
import type { FieldSchema, SchemaType } from '../../../machinery/schema.ts';
import type { Resource } from '../registry.ts';
import type { ApiServer } from '../server.ts';
import { objectResponse, plainText } from './response.ts';

type Docs = Readonly<Record<string, Readonly<Record<string, string>>>>;

const protobufType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/**
 * `swagger: "2.0"` and nothing more.
 *
 * Differs from Kubernetes: the document has no definitions in protobuf. kubectl before 1.29 asks for it, and then goes by its own types.
 */
const emptyDocument = '\n\u00032.0';

/** `/openapi/v2`, `/openapi/v3` and `/openapi/v3/<group version>`. */
export function* openApi(server: ApiServer, parts: readonly string[], accept: string): Call<HttpResponse | undefined> {
  if (accept.includes('proto-openapi.spec.v2') && parts[1] === 'v2') return plainText(200, emptyDocument, { 'content-type': protobufType });
  if (!/(^|[,\s])(application\/json|application\/\*|\*\/\*)/.test(accept)) return plainText(406, '');
  const docs = (yield* server.kernel.hostData.get<Docs>('field-docs')) ?? {};
  if (parts[1] === 'v2' && parts.length === 2) return objectResponse(200, documentV2(server, docs));
  if (parts[1] !== 'v3') return undefined;
  if (parts.length === 2) return objectResponse(200, { paths: versionPaths(server) });
  const apiVersion = parts[2] === 'api' ? parts[3] : parts.slice(3).join('/');
  const resources = server.registry.all.filter((resource) => resource.apiVersion === apiVersion);
  return resources.length === 0 ? undefined : objectResponse(200, documentV3(resources, docs));
}

function versionPaths(server: ApiServer): object {
  const paths: Record<string, object> = {};
  for (const { apiVersion } of server.registry.all) {
    const path = apiVersion === 'v1' ? 'api/v1' : `apis/${apiVersion}`;
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}` };
  }
  return paths;
}

const info = { title: 'Kubernetes', version: 'v1.34.1' };

const scalarTypes: Readonly<Record<string, object>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  number: { type: 'number', format: 'double' },
  boolean: { type: 'boolean' },
  time: { type: 'string', format: 'date-time' },
  'micro-time': { type: 'string', format: 'date-time' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object' },
};

/** Builds schemas under the prefix of the document's version, each model once. */
class Schemas {
  readonly schemas: Record<string, object> = {};
  readonly #prefix: string;
  readonly #docs: Docs;
  readonly #isV3: boolean;

  constructor(prefix: string, docs: Docs, isV3: boolean) {
    this.#prefix = prefix;
    this.#docs = docs;
    this.#isV3 = isV3;
  }

  nameOf(model: string): string {
    return `io.k8s.api.${model}`;
  }

  add(model: string): void {
    const name = this.nameOf(model);
    if (name in this.schemas || !hasModel(model)) return;
    this.schemas[name] = {};
    const { fields, required } = modelSchema(model);
    const properties: Record<string, object> = {};
    for (const field of fields.values()) properties[field.name] = this.#field(field, this.#docs[model]?.[field.name]);
    this.schemas[name] = {
      description: this.#docs[model]?.[''] ?? '',
      type: 'object',
      properties,
      ...(required.length > 0 ? { required } : {}),
    };
  }

  #field({ type, patch }: FieldSchema, description: string | undefined): object {
    const base = this.#type(type);
    const merge =
      patch.isMerged && type.kind === 'list'
        ? { 'x-kubernetes-patch-strategy': 'merge', ...(patch.mergeKey ? { 'x-kubernetes-patch-merge-key': patch.mergeKey } : {}) }
        : {};
    const described = description === undefined ? {} : { description };
    if ('$ref' in base) return this.#isV3 ? { ...described, allOf: [base], default: {} } : { ...described, ...base };
    return { ...described, ...base, ...merge };
  }

  #type(type: SchemaType): object {
    switch (type.kind) {
      case 'scalar':
        return this.#scalar(type.scalar);
      case 'list':
        return { type: 'array', items: this.#type(type.item) };
      case 'map':
        return { type: 'object', additionalProperties: this.#type(type.value) };
      case 'object':
        this.add(type.name);
        return { $ref: `${this.#prefix}${this.nameOf(type.name)}` };
    }
  }

  #scalar(scalar: string): object {
    if (scalar === 'quantity') return this.#named('io.k8s.apimachinery.pkg.api.resource.Quantity', { type: 'string' });
    if (scalar === 'int-or-string')
      return this.#named('io.k8s.apimachinery.pkg.util.intstr.IntOrString', { type: 'string', format: 'int-or-string' });
    return scalarTypes[scalar] ?? { type: 'object' };
  }

  #named(name: string, schema: object): object {
    this.schemas[name] = schema;
    return { $ref: `${this.#prefix}${name}` };
  }

  /**
   * A custom resource as its definition describes it, whole in one place, under a name like `org.example.v1.Shop`
   * (apiextensions-apiserver/pkg/controller/openapi/builder).
   */
  #custom(schema: JSONSchemaProps, { group, version, kind }: Resource): void {
    this.add('ObjectMeta');
    const texts = this.#docs.Pod ?? {};
    const described = (field: string): object => (texts[field] === undefined ? {} : { description: texts[field] });
    const meta = { $ref: `${this.#prefix}${this.nameOf('ObjectMeta')}` };
    this.schemas[`${group.split('.').reverse().join('.')}.${version}.${kind}`] = {
      ...schema,
      properties: {
        ...schema.properties,
        apiVersion: { ...described('apiVersion'), type: 'string' },
        kind: { ...described('kind'), type: 'string' },
        metadata: this.#isV3 ? { ...described('metadata'), allOf: [meta] } : { ...described('metadata'), ...meta },
      },
      'x-kubernetes-group-version-kind': [{ group, version, kind }],
    };
  }

  /** Marks a model as the kind that it is. */
  mark(resource: Resource): void {
    const { descriptor, group, version, kind } = resource;
    if (descriptor.isCustom && descriptor.openAPISchema) return this.#custom(descriptor.openAPISchema, resource);
    this.add(descriptor.model);
    const name = this.nameOf(descriptor.model);
    this.schemas[name] = { ...this.schemas[name], 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
  }
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation', 'pretty'];
const methods: Readonly<Record<string, string>> = { get: 'get', create: 'post', update: 'put', patch: 'patch', delete: 'delete' };

function operations(resource: Resource, hasName: boolean): object {
  const { group, version, kind, descriptor } = resource;
  const out: Record<string, object> = {};
  for (const verb of descriptor.verbs) {
    const method = methods[verb];
    if (!method || (verb === 'create') === hasName) continue;
    const parameters =
      verb === 'get' || verb === 'delete'
        ? []
        : writeParameters.map((name) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } }));
    out[method] = {
      'x-kubernetes-action': verb === 'create' ? 'post' : verb,
      'x-kubernetes-group-version-kind': { group, version, kind },
      parameters,
      responses: {},
    };
  }
  return out;
}

function pathsOf(resources: readonly Resource[]): Record<string, object> {
  const paths: Record<string, object> = {};
  for (const resource of resources) {
    const { descriptor } = resource;
    const root = apiVersionOf(descriptor) === 'v1' ? '/api/v1' : `/apis/${apiVersionOf(descriptor)}`;
    const base = `${root}/${descriptor.isNamespaced ? 'namespaces/{namespace}/' : ''}${resource.resource}`;
    paths[base] = operations(resource, false);
    paths[`${base}/{name}`] = operations(resource, true);
  }
  return paths;
}

function documentV3(resources: readonly Resource[], docs: Docs): object {
  const schemas = new Schemas('#/components/schemas/', docs, true);
  for (const resource of resources) schemas.mark(resource);
  return { openapi: '3.0.0', info, paths: pathsOf(resources), components: { schemas: schemas.schemas } };
}

function documentV2(server: ApiServer, docs: Docs): object {
  const schemas = new Schemas('#/definitions/', docs, false);
  for (const resource of server.registry.all) schemas.mark(resource);
  return { swagger: '2.0', info, paths: pathsOf(server.registry.all), definitions: schemas.schemas };
}
