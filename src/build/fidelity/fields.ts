/**
 * What becomes of every field of every built-in kind, found out from the code itself: its API server is asked what it says to an
 * object that sets the field, and the components are searched for code that reads it.
 *
 * A field that is read may still be read in vain, and a common name may be read elsewhere: this finds what is certainly ignored.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { kinds } from '../../emulator/api/kinds.ts';
import { apiVersionOf, type Kind } from '../../emulator/api/kind.ts';
import type { ApiObject } from '../../emulator/machinery/objects.ts';
import { hasModel, modelSchema, type SchemaType } from '../../emulator/machinery/schema.ts';

/** `acts`: a component reads it. `warned`: the server answers with a warning. `refused`: validation forbids it. `kept`: none of these. */
export type Fate = 'acts' | 'warned' | 'refused' | 'kept';

export interface KindFields {
  readonly apiVersion: string;
  readonly kind: string;
  /** Paths as error messages write them, by what becomes of them. */
  readonly fields: Readonly<Record<Fate, readonly string[]>>;
}

/** Where components live. What only defaults, validates or prints a field does not act on it. */
const rooms = ['addons', 'api/core/quota', 'client', 'cluster', 'control-plane', 'images', 'machinery/structural-schema', 'node'].map(
  (room) => `src/emulator/${room}`,
);

/** Fields whose whole effect is in the kind's own file, since they bind only whoever writes the object, or are only looked at. */
const actsInItsKind = new Set([
  'ClusterRoleBinding.roleRef.apiGroup',
  'ClusterRoleBinding.subjects[0].apiGroup',
  'ConfigMap.immutable',
  'EndpointSlice.endpoints[0].deprecatedTopology',
  'Endpoints.subsets[0].notReadyAddresses',
  'Event.deprecatedCount',
  'Event.deprecatedFirstTimestamp',
  'Event.deprecatedLastTimestamp',
  'Event.deprecatedSource',
  'Event.lastTimestamp',
  'Event.regarding',
  'Event.reportingComponent',
  'Event.reportingController',
  'Event.reportingInstance',
  'Event.series',
  'IPAddress.spec.parentRef',
  'Ingress.spec.defaultBackend.resource.apiGroup',
  'Ingress.spec.rules[0].http.paths[0].backend.resource.apiGroup',
  'IngressClass.spec.parameters.apiGroup',
  'RoleBinding.roleRef.apiGroup',
  'RoleBinding.subjects[0].apiGroup',
  'Secret.immutable',
  'Secret.stringData',
  'StorageClass.volumeBindingMode',
]);

/** The names of all properties that components read. */
export function namesRead(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const room of rooms)
    for (const name of fs.readdirSync(room, { recursive: true }) as string[]) {
      if (!name.endsWith('.ts') || /\.test\.ts$|testing\.ts$/.test(name)) continue;
      const file = path.join(room, name);
      collectNames(parseSync(file, fs.readFileSync(file, 'utf8')).program, names);
    }
  return names;
}

interface Syntax {
  readonly type?: string;
  readonly computed?: boolean;
  readonly value?: unknown;
  readonly property?: { readonly name: string };
  readonly properties?: readonly { readonly key?: { readonly name?: string } }[];
}

/** `pod.spec`, `{ spec }` in a pattern, and texts: some fields are looked up by their name. */
function collectNames(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) for (const item of node) collectNames(item, names);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const { type, computed, value, property, properties } = node as Syntax;
  if (type === 'MemberExpression' && !computed) names.add(property!.name);
  if (type === 'ObjectPattern') for (const { key } of properties!) if (key?.name) names.add(key.name);
  if (type === 'Literal' && typeof value === 'string') names.add(value);
  for (const child of Object.values(node)) if (typeof child === 'object') collectNames(child, names);
}

type Steps = readonly (string | 0)[];

/** `spec.containers[0].image` */
const pathText = (steps: Steps): string => steps.map((step, i) => (step === 0 ? '[0]' : i === 0 ? step : `.${step}`)).join('');

/** Kinds whose Pod template is a Pod's: its fields are counted once, for Pods. */
const sharedModels = new Set(['PodSpec']);

/** What becomes of the fields of each kind, in the order of discovery. */
export function fieldsOfKinds(names = namesRead()): readonly KindFields[] {
  return kinds.filter(({ model, verbs }) => hasModel(model) && verbs.includes('get')).map((kind) => fieldsOfKind(kind, names));
}

function fieldsOfKind(kind: Kind, names: ReadonlySet<string>): KindFields {
  const fields: Record<Fate, string[]> = { acts: [], warned: [], refused: [], kept: [] };
  const isKnownToDoNothing = warningsOf(kind, {}).length > 0;
  const visit = (type: SchemaType, steps: Steps, outer: readonly string[]): void => {
    if (type.kind === 'list') return visit(type.item, [...steps, 0], outer);
    if (type.kind !== 'object' || outer.includes(type.name) || (sharedModels.has(type.name) && kind.kind !== 'Pod')) return;
    for (const field of type.model.fields.values()) {
      const isOfEveryObject = steps.length === 0 && ['apiVersion', 'kind', 'status'].includes(field.name);
      if (isOfEveryObject || field.name === 'metadata') continue;
      const own = [...steps, field.name];
      const isRead = names.has(field.name) || actsInItsKind.has(`${kind.kind}.${pathText(own)}`);
      const fate = isKnownToDoNothing ? 'warned' : isRead ? undefined : fateOf(kind, own, field.type);
      fields[fate ?? (isWarned(kind, own, field.type) ? 'warned' : 'acts')].push(pathText(own));
      visit(field.type, own, [...outer, type.name]);
    }
  };
  visit({ kind: 'object', name: kind.model, isAtomic: false, model: modelSchema(kind.model) }, [], []);
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, fields };
}

/** What the server says to a field that nobody reads. */
function fateOf(kind: Kind, steps: Steps, type: SchemaType): Fate {
  if (isWarned(kind, steps, type)) return 'warned';
  return isForbidden(kind, steps, type) ? 'refused' : 'kept';
}

/** Whether the server warns of the field, or of a part of the object that it belongs to. */
function isWarned(kind: Kind, steps: Steps, type: SchemaType): boolean {
  const warnings = warningsOf(kind, objectWith(steps, sampleOf(type)));
  const paths = steps.map((_, i) => pathText(steps.slice(0, i + 1)));
  return warnings.some((warning) => paths.some((text) => warning.startsWith(`${text}:`) || warning.startsWith(`${text} `)));
}

function isForbidden(kind: Kind, steps: Steps, type: SchemaType): boolean {
  try {
    const errors = kind.validate(kind.setDefaults(complete(kind, objectWith(steps, sampleOf(type)))));
    return errors.some(({ field, type: error }) => error === 'FieldValueForbidden' && field === pathText(steps));
  } catch {
    return false; // The object lacks what the validation takes for granted once it is decoded.
  }
}

function warningsOf(kind: Kind, value: object): readonly string[] {
  try {
    return kind.warnings?.(complete(kind, value), undefined) ?? [];
  } catch {
    return [];
  }
}

const complete = (kind: Kind, value: object): ApiObject =>
  ({
    ...value,
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name: 'a', namespace: kind.isNamespaced ? 'default' : undefined, uid: 'u', resourceVersion: '1', creationTimestamp: '' },
  }) as ApiObject;

/** The smallest object that has a value at a path. */
function objectWith([first, ...rest]: Steps, value: unknown): Record<string, unknown> {
  const inner =
    rest.length === 0 ? value : rest[0] === 0 ? [rest.length === 1 ? value : objectWith(rest.slice(1), value)] : objectWith(rest, value);
  return { [first as string]: inner };
}

const scalars: Readonly<Record<string, unknown>> = {
  string: 'a',
  int32: 1,
  int64: 1,
  number: 1,
  boolean: true,
  quantity: '1',
  'int-or-string': 1,
  time: '2025-01-01T00:00:00Z',
  'micro-time': '2025-01-01T00:00:00.000000Z',
  bytes: 'YQ==',
  any: {},
};

/** A value of a type that is not its zero value: of an object, its first field that holds no other object. */
function sampleOf(type: SchemaType): unknown {
  if (type.kind === 'scalar') return scalars[type.scalar];
  if (type.kind === 'list') return [sampleOf(type.item)];
  if (type.kind === 'map') return { a: sampleOf(type.value) };
  const plain = [...type.model.fields.values()].find((field) => field.type.kind === 'scalar');
  return plain ? { [plain.name]: sampleOf(plain.type) } : {};
}
