/** What the schemas of the kinds are made of. */
import { group } from './kinds.ts';

export type Schema = Readonly<Record<string, unknown>>;

export const text = (description: string, extra: Schema = {}): Schema => ({ type: 'string', description, ...extra });
export const whole = (description: string, minimum: number, maximum: number, extra: Schema = {}): Schema => ({
  type: 'integer',
  format: 'int32',
  description,
  minimum,
  maximum,
  ...extra,
});
export const object = (description: string, properties: Schema, extra: Schema = {}): Schema => ({
  type: 'object',
  description,
  properties,
  ...extra,
});
export const list = (description: string, items: Schema, extra: Schema = {}): Schema => ({ type: 'array', description, items, ...extra });
export const rule = (message: string, expression: string): Schema => ({ message, rule: expression });
export const rules = (...all: readonly Schema[]): Schema => ({ 'x-kubernetes-validations': all });

export const hostPattern = '^(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
export const labelPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
export const port = (description: string): Schema => whole(description, 1, 65_535);
export const hostname = (description: string): Schema => text(description, { minLength: 1, maxLength: 253, pattern: hostPattern });
export const objectName = (description: string): Schema => text(description, { minLength: 1, maxLength: 253 });
export const namespace = text('The namespace of what is named; the own one when empty.', {
  minLength: 1,
  maxLength: 63,
  pattern: labelPattern,
});
export const sectionName = text('The name of a listener.', { minLength: 1, maxLength: 253 });
export const groupName = (initial?: string): Schema =>
  text('The API group of what is named.', { maxLength: 253, ...(initial !== undefined && { default: initial }) });
export const kindName = (initial?: string): Schema =>
  text('The kind of what is named.', { minLength: 1, maxLength: 63, ...(initial !== undefined && { default: initial }) });

export const parentRef = object(
  'What the route attaches to.',
  {
    group: groupName(group),
    kind: kindName('Gateway'),
    namespace,
    name: objectName('The name of the Gateway.'),
    sectionName,
    port: port('The port of a listener.'),
  },
  { required: ['name'] },
);

export const nameAndValue = (what: string): Schema =>
  object(
    what,
    { name: text('The name.', { minLength: 1, maxLength: 256 }), value: text('The value.', { minLength: 1, maxLength: 4096 }) },
    { required: ['name', 'value'] },
  );
export const headerModifier = (what: string): Schema =>
  object(what, {
    set: list('Headers that are replaced.', nameAndValue('A header.'), {
      maxItems: 16,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    add: list('Headers that are added to.', nameAndValue('A header.'), {
      maxItems: 16,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    remove: list('Headers that are taken away.', { type: 'string' }, { maxItems: 16, 'x-kubernetes-list-type': 'set' }),
  });
export const typedMatch = (what: string): Schema =>
  object(
    what,
    {
      type: text('Exact or RegularExpression.', { enum: ['Exact', 'RegularExpression'], default: 'Exact' }),
      name: text('The name.', { minLength: 1, maxLength: 256 }),
      value: text('The value.', { minLength: 1, maxLength: 4096 }),
    },
    { required: ['name', 'value'] },
  );

/** Where copies go; their answers are nobody's business. */
export const mirror = object(
  'Sends a copy elsewhere.',
  {
    backendRef: object(
      'Where the copy goes.',
      {
        group: groupName(''),
        kind: kindName('Service'),
        namespace,
        name: objectName('The name of the Service.'),
        port: port('The port of the Service.'),
      },
      {
        required: ['name'],
        ...rules(rule('Must have port for Service reference', "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true")),
      },
    ),
  },
  { required: ['backendRef'] },
);

/** A duration of GEP-2257: `10s`, `1m30s`. */
export const duration = (description: string): Schema => text(description, { pattern: '^([0-9]{1,5}(h|m|s|ms)){1,4}$' });
