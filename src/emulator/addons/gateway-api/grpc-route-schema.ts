/** GRPCRoute's spec in the channel standard of release v1.2.1: methods instead of paths, and what a route of HTTP has beside them. */
import type { Schema } from './schema.ts';
import {
  groupName,
  headerModifier,
  hostname,
  kindName,
  list,
  mirror,
  namespace,
  object,
  objectName,
  parentRef,
  port,
  rule,
  rules,
  text,
  typedMatch,
  whole,
} from './schema.ts';

const servicePattern = String.raw`^(?i)\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*$`;
const methodPattern = '^[A-Za-z_][A-Za-z_0-9]*$';

const method = object(
  'The method that is called.',
  {
    type: text('Exact or RegularExpression.', { enum: ['Exact', 'RegularExpression'], default: 'Exact' }),
    service: text('The service with its package.', { maxLength: 1024 }),
    method: text('The method of the service.', { maxLength: 1024 }),
  },
  rules(
    rule("One or both of 'service' or 'method' must be specified", 'has(self.type) ? has(self.service) || has(self.method) : true'),
    rule(
      `service must only contain valid characters (matching ${servicePattern})`,
      `(!has(self.type) || self.type == 'Exact') && has(self.service) ? self.service.matches(r"""${servicePattern}"""): true`,
    ),
    rule(
      `method must only contain valid characters (matching ${methodPattern})`,
      `(!has(self.type) || self.type == 'Exact') && has(self.method) ? self.method.matches(r"""${methodPattern}"""): true`,
    ),
  ),
);

const filterFields: Readonly<Record<string, string>> = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  ExtensionRef: 'extensionRef',
};

const filters = list(
  'What is done to what matched.',
  object(
    'What is done to a call or its answer.',
    {
      type: text('Which filter.', { enum: Object.keys(filterFields) }),
      requestHeaderModifier: headerModifier('Changes metadata of the call.'),
      responseHeaderModifier: headerModifier('Changes metadata of the answer.'),
      requestMirror: mirror,
      extensionRef: object(
        'A filter of the implementation.',
        { group: groupName(), kind: kindName(), name: objectName('Its name.') },
        { required: ['group', 'kind', 'name'] },
      ),
    },
    {
      required: ['type'],
      ...rules(
        ...Object.entries(filterFields).flatMap(([type, field]): readonly Schema[] => [
          rule(`filter.${field} must be nil if the filter.type is not ${type}`, `!(has(self.${field}) && self.type != '${type}')`),
          rule(`filter.${field} must be specified for ${type} filter.type`, `!(!has(self.${field}) && self.type == '${type}')`),
        ]),
      ),
    },
  ),
  {
    maxItems: 16,
    ...rules(
      rule('RequestHeaderModifier filter cannot be repeated', "self.filter(f, f.type == 'RequestHeaderModifier').size() <= 1"),
      rule('ResponseHeaderModifier filter cannot be repeated', "self.filter(f, f.type == 'ResponseHeaderModifier').size() <= 1"),
    ),
  },
);

const backendRef = object(
  'Where calls go.',
  {
    group: groupName(''),
    kind: kindName('Service'),
    namespace,
    name: objectName('The name of the Service.'),
    port: port('The port of the Service.'),
    weight: whole('Its share of the calls, out of the sum of all.', 0, 1_000_000, { default: 1 }),
    filters,
  },
  {
    required: ['name'],
    ...rules(rule('Must have port for Service reference', "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true")),
  },
);

export const grpcRouteSpec = object('What is wanted.', {
  parentRefs: list('What the route attaches to.', parentRef, { maxItems: 32 }),
  hostnames: list('Hosts that the route is for; those of the listeners when empty.', hostname('A host.'), { maxItems: 16 }),
  rules: list(
    'What becomes of calls.',
    object('What becomes of calls that match.', {
      name: text('The name of the rule.', { minLength: 1, maxLength: 253 }),
      matches: list(
        'Calls that have all of one of these; all calls when empty.',
        object('A call that has all of this.', {
          method,
          headers: list('Metadata.', typedMatch('A header.'), {
            maxItems: 16,
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
          }),
        }),
        { maxItems: 64 },
      ),
      filters,
      backendRefs: list('Where calls go, by weight.', backendRef, { maxItems: 16 }),
    }),
    { maxItems: 16 },
  ),
});
