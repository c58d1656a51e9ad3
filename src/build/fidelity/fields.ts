/**
 * What becomes of every field of every built-in kind: what a test shows to act (`shown.ts`), and for the rest what the code itself says.
 * Its API server is asked what it says to an object that sets the field, and the components are searched for code that reads it.
 *
 * Fields are named by the type that has them (`Probe.periodSeconds`): a type that stands in several places is counted once, with the
 * first kind that has it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { kinds } from '../../emulator/api/kinds.ts';
import { apiVersionOf, type Kind } from '../../emulator/api/kind.ts';
import type { ApiObject } from '../../emulator/machinery/objects.ts';
import { hasModel, modelSchema, type SchemaType } from '../../emulator/machinery/schema.ts';
import { readShown, type Shown } from './shown.ts';
import { told } from './told.ts';

/**
 * `acts`: a test fails without it. `warned`: the server answers with a warning. `refused`: validation forbids it. `dropped`: the server
 * takes it out of the object. `told`: what it does is said by hand (`told.ts`). `read`: a component reads a field of this name, and no
 * test shows what for. `kept`: none of these.
 */
export type Fate = 'acts' | 'warned' | 'refused' | 'dropped' | 'told' | 'read' | 'kept';

/** A field of a type of the API: `Probe.periodSeconds`. */
export type FieldName = string;

export interface Field {
  readonly name: FieldName;
  /** Where it stands first: `spec.containers[0].livenessProbe.periodSeconds`. */
  readonly path: string;
}

export interface KindFields {
  readonly apiVersion: string;
  readonly kind: string;
  readonly fields: Readonly<Record<Fate, readonly Field[]>>;
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

/** What every object has, whatever its kind. */
const ofEveryObject = new Set(['apiVersion', 'kind', 'metadata', 'status']);

type Visit = (name: FieldName, steps: Steps, type: SchemaType) => boolean;

/** Visits each field of a type, and those inside of it where the visitor says so; each type once. */
function visitFields(type: SchemaType, steps: Steps, known: Set<string>, visit: Visit): void {
  if (type.kind === 'list') return visitFields(type.item, [...steps, 0], known, visit);
  if (type.kind !== 'object' || known.has(type.name)) return;
  known.add(type.name);
  const isWhole = type.model.fields.has('metadata') && type.model.fields.has('kind');
  for (const field of type.model.fields.values()) {
    if (field.name === 'metadata' || (isWhole && ofEveryObject.has(field.name))) continue;
    const own = [...steps, field.name];
    if (visit(`${type.name}.${field.name}`, own, field.type)) visitFields(field.type, own, known, visit);
  }
}

/** Kinds that are stored, in the order of discovery; what shows another kind's objects has no fields of its own. */
const storedKinds = (): readonly Kind[] =>
  kinds.filter(({ model, verbs, viewOf }) => hasModel(model) && verbs.includes('create') && verbs.includes('get') && !viewOf);

/** What becomes of the fields of each kind. */
export function fieldsOfKinds(shown: Shown = readShown(), names = namesRead()): readonly KindFields[] {
  const known = new Set<string>();
  // What stands below a field without effect has none there, but may have one elsewhere: so these are gone through last.
  const later: (() => void)[] = [];
  const result = storedKinds().map((kind) => {
    const fields: Record<Fate, Field[]> = { acts: [], warned: [], refused: [], dropped: [], told: [], read: [], kept: [] };
    const isKnownToDoNothing = warningsOf(kind, {}).length > 0;
    const fateOf = (name: FieldName, steps: Steps, type: SchemaType): Fate => {
      if (isKnownToDoNothing || isWarned(kind, steps, type)) return 'warned';
      if (shown.has(name)) return 'acts';
      if (isForbidden(kind, steps, type)) return 'refused';
      if (isDropped(kind, steps, type)) return 'dropped';
      if (told.has(name)) return 'told';
      return names.has(name.slice(name.indexOf('.') + 1)) || actsInItsKind.has(`${kind.kind}.${pathText(steps)}`) ? 'read' : 'kept';
    };
    const begin = (): void =>
      visitFields(typeOf(kind), [], known, (name, steps, type) => {
        const fate = fateOf(name, steps, type);
        fields[fate].push({ name, path: pathText(steps) });
        if (fate !== 'warned' && fate !== 'dropped') return true;
        later.push(() =>
          visitFields(type, steps, known, (inner, path) => {
            fields[fate].push({ name: inner, path: pathText(path) });
            return true;
          }),
        );
        return false;
      });
    if (isKnownToDoNothing) later.unshift(begin);
    else begin();
    return { apiVersion: apiVersionOf(kind), kind: kind.kind, fields };
  });
  while (later.length > 0) later.shift()!();
  return result;
}

const typeOf = ({ model }: Kind): SchemaType => ({ kind: 'object', name: model, isAtomic: false, model: modelSchema(model) });

/** The fields that an object sets, by their types. Empty for a kind that is not built in. */
export function fieldsIn(object: Partial<ApiObject>): ReadonlySet<FieldName> {
  const found = new Set<FieldName>();
  const note = (value: unknown, type: SchemaType, isRoot: boolean): void => {
    if (typeof value !== 'object' || value === null) return;
    if (type.kind === 'list' && Array.isArray(value)) for (const item of value) note(item, type.item, false);
    if (type.kind === 'map') for (const item of Object.values(value)) note(item, type.value, false);
    if (type.kind !== 'object') return;
    for (const [key, inner] of Object.entries(value)) {
      const field = type.model.fields.get(key);
      if (!field || key === 'metadata' || (isRoot && ofEveryObject.has(key))) continue;
      found.add(`${type.name}.${key}`);
      note(inner, field.type, false);
    }
  };
  const kind = storedKinds().find((one) => apiVersionOf(one) === object.apiVersion && one.kind === object.kind);
  if (kind) note(object, typeOf(kind), true);
  return found;
}

/** Whether the server warns of the field, or of a part of the object that it belongs to. */
function isWarned(kind: Kind, steps: Steps, type: SchemaType): boolean {
  const warnings = warningsOf(kind, objectWith(steps, sampleOf(type)));
  const paths = steps.map((_, i) => pathText(steps.slice(0, i + 1)));
  // Upstream warns of fields that only act beside others: that is an effect of the others.
  const ofUs = warnings.filter((warning) => !warning.includes(' is ignored when '));
  return ofUs.some((warning) => paths.some((text) => warning.startsWith(`${text}:`) || warning.startsWith(`${text} `)));
}

function isForbidden(kind: Kind, steps: Steps, type: SchemaType): boolean {
  try {
    const errors = kind.validate(kind.setDefaults(complete(kind, objectWith(steps, sampleOf(type)))));
    return errors.some(({ field, type: error }) => error === 'FieldValueForbidden' && field === pathText(steps));
  } catch {
    return false; // The object lacks what the validation takes for granted once it is decoded.
  }
}

/** Whether defaulting, which also drops what is behind a gate that is off, takes the field out. */
function isDropped(kind: Kind, steps: Steps, type: SchemaType): boolean {
  try {
    let value: unknown = kind.setDefaults(complete(kind, objectWith(steps, sampleOf(type))));
    for (const step of steps) value = (value as Record<string | number, unknown> | undefined)?.[step];
    return value === undefined;
  } catch {
    return false;
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
