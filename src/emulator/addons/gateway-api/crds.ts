/**
 * The CustomResourceDefinitions: config/crd/standard of the Gateway API, release v1.2.1, in our words.
 *
 * Differs from Kubernetes: of the rules in CEL only those are here that a learner is likely to meet.
 */
import { group } from './kinds.ts';
import { grpcRouteSpec } from './grpc-route-schema.ts';
import type { Schema } from './schema.ts';
import {
  text,
  whole,
  object,
  list,
  rule,
  rules,
  port,
  hostname,
  objectName,
  namespace,
  sectionName,
  groupName,
  kindName,
  parentRef,
  headerModifier,
  typedMatch,
  duration,
  mirror,
} from './schema.ts';

const condition = object(
  'One aspect of the state.',
  {
    type: text('What is judged.', { maxLength: 316 }),
    status: text('True, False or Unknown.', { enum: ['True', 'False', 'Unknown'] }),
    reason: text('Why, as one word.', { minLength: 1, maxLength: 1024 }),
    message: text('Why, for people.', { maxLength: 32_768 }),
    observedGeneration: { type: 'integer', format: 'int64', description: 'The generation that was judged.', minimum: 0 },
    lastTransitionTime: text('When the status changed last.', { format: 'date-time' }),
  },
  { required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'] },
);
const conditions = list('What the controller says.', condition, {
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
});

const selector = object('Labels of namespaces.', {
  matchLabels: { type: 'object', description: 'Labels with their values.', additionalProperties: { type: 'string' } },
  matchExpressions: list(
    'Requirements that all hold.',
    object(
      'One requirement.',
      { key: text('The label.'), operator: text('In, NotIn, Exists or DoesNotExist.'), values: list('Values.', { type: 'string' }) },
      { required: ['key', 'operator'] },
    ),
  ),
});

const certificateRef = object(
  'A Secret with a certificate.',
  { group: groupName(''), kind: kindName('Secret'), name: objectName('The name of the Secret.'), namespace },
  { required: ['name'] },
);

const listener = object(
  'A port on which the Gateway listens.',
  {
    name: sectionName,
    hostname: hostname('The host that the listener is for; every host when empty.'),
    port: port('The port.'),
    protocol: text('HTTP, HTTPS, TLS, TCP or UDP.', { minLength: 1, maxLength: 255 }),
    tls: object(
      'How the listener ends TLS.',
      {
        mode: text('Terminate or Passthrough.', { enum: ['Terminate', 'Passthrough'], default: 'Terminate' }),
        certificateRefs: list('Certificates to show.', certificateRef, { maxItems: 64 }),
        options: {
          type: 'object',
          description: 'Settings of the implementation.',
          additionalProperties: { type: 'string', maxLength: 4096 },
        },
      },
      rules(
        rule(
          'certificateRefs or options must be specified when mode is Terminate',
          "self.mode == 'Terminate' ? (has(self.certificateRefs) && size(self.certificateRefs) > 0) || (has(self.options) && size(self.options) > 0) : true",
        ),
      ),
    ),
    allowedRoutes: object(
      'Which routes may attach.',
      {
        namespaces: object(
          'From which namespaces.',
          { from: text('All, Selector or Same.', { enum: ['All', 'Selector', 'Same'], default: 'Same' }), selector },
          { default: { from: 'Same' } },
        ),
        kinds: list('Of which kinds.', object('A kind.', { group: groupName(group), kind: kindName() }, { required: ['kind'] }), {
          maxItems: 8,
        }),
      },
      { default: { namespaces: { from: 'Same' } } },
    ),
  },
  { required: ['name', 'port', 'protocol'] },
);

const gatewaySpec = object(
  'What is wanted.',
  {
    gatewayClassName: objectName('The GatewayClass, which says who serves the Gateway.'),
    listeners: list('Ports on which it listens.', listener, {
      minItems: 1,
      maxItems: 64,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      ...rules(
        rule(
          "tls must not be specified for protocols ['HTTP', 'TCP', 'UDP']",
          "self.all(l, l.protocol in ['HTTP', 'TCP', 'UDP'] ? !has(l.tls) : true)",
        ),
        rule(
          'tls mode must be Terminate for protocol HTTPS',
          "self.all(l, (l.protocol == 'HTTPS' && has(l.tls)) ? (l.tls.mode == '' || l.tls.mode == 'Terminate') : true)",
        ),
        rule(
          "hostname must not be specified for protocols ['TCP', 'UDP']",
          "self.all(l, l.protocol in ['TCP', 'UDP']  ? (!has(l.hostname) || l.hostname == '') : true)",
        ),
        rule(
          'Combination of port, protocol and hostname must be unique for each listener',
          'self.all(l1, self.exists_one(l2, l1.port == l2.port && l1.protocol == l2.protocol && (has(l1.hostname) && has(l2.hostname) ? l1.hostname == l2.hostname : !has(l1.hostname) && !has(l2.hostname))))',
        ),
      ),
    }),
    addresses: list(
      'Addresses that are asked for.',
      object('An address.', { type: text('IPAddress or Hostname.'), value: text('The address.') }, { required: ['value'] }),
    ),
  },
  { required: ['gatewayClassName', 'listeners'] },
);

const gatewayStatus = object('What there is.', {
  addresses: list(
    'Addresses that it is reached at.',
    object('An address.', { type: text('IPAddress or Hostname.'), value: text('The address.') }, { required: ['value'] }),
  ),
  conditions,
  listeners: list(
    'The state of each listener.',
    object(
      'The state of a listener.',
      {
        name: sectionName,
        supportedKinds: list(
          'Kinds of routes that may attach.',
          object('A kind.', { group: groupName(), kind: kindName() }, { required: ['kind'] }),
        ),
        attachedRoutes: { type: 'integer', format: 'int32', description: 'How many routes are attached.' },
        conditions,
      },
      { required: ['name', 'attachedRoutes', 'conditions', 'supportedKinds'] },
    ),
    { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
  ),
});

const pathModifier = object(
  'What becomes of the path.',
  {
    type: text('ReplaceFullPath or ReplacePrefixMatch.', { enum: ['ReplaceFullPath', 'ReplacePrefixMatch'] }),
    replaceFullPath: text('The new path.', { maxLength: 1024 }),
    replacePrefixMatch: text('What stands for the prefix that matched.', { maxLength: 1024 }),
  },
  {
    required: ['type'],
    ...rules(
      rule(
        "replaceFullPath must be specified when type is set to 'ReplaceFullPath'",
        "self.type == 'ReplaceFullPath' ? has(self.replaceFullPath) : true",
      ),
      rule(
        "replacePrefixMatch must be specified when type is set to 'ReplacePrefixMatch'",
        "self.type == 'ReplacePrefixMatch' ? has(self.replacePrefixMatch) : true",
      ),
    ),
  },
);

/** The field of each type of filter: there when the type says so, and only then. */
const filterFields: Readonly<Record<string, string>> = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
};

const filter = object(
  'What is done to a request or its answer.',
  {
    type: text('Which filter.', {
      enum: ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'RequestRedirect', 'URLRewrite', 'ExtensionRef'],
    }),
    requestHeaderModifier: headerModifier('Changes headers of the request.'),
    responseHeaderModifier: headerModifier('Changes headers of the answer.'),
    requestRedirect: object('Sends the client elsewhere.', {
      scheme: text('http or https.', { enum: ['http', 'https'] }),
      hostname: hostname('The host of the new address.'),
      path: pathModifier,
      port: port('The port of the new address.'),
      statusCode: { type: 'integer', description: '301 or 302.', enum: [301, 302], default: 302 },
    }),
    urlRewrite: object('Changes host and path on the way to the backend.', { hostname: hostname('The new host.'), path: pathModifier }),
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
      ...Object.entries(filterFields).flatMap(([type, field]) => [
        rule(`filter.${field} must be nil if the filter.type is not ${type}`, `!(has(self.${field}) && self.type != '${type}')`),
        rule(`filter.${field} must be specified for ${type} filter.type`, `!(!has(self.${field}) && self.type == '${type}')`),
      ]),
    ),
  },
);

const filters = list('What is done to what matched.', filter, {
  maxItems: 16,
  ...rules(
    rule(
      'May specify either httpRouteFilterRequestRedirect or httpRouteFilterRequestRewrite, but not both',
      "!(self.exists(f, f.type == 'RequestRedirect') && self.exists(f, f.type == 'URLRewrite'))",
    ),
    rule('RequestHeaderModifier filter cannot be repeated', "self.filter(f, f.type == 'RequestHeaderModifier').size() <= 1"),
    rule('ResponseHeaderModifier filter cannot be repeated', "self.filter(f, f.type == 'ResponseHeaderModifier').size() <= 1"),
    rule('RequestRedirect filter cannot be repeated', "self.filter(f, f.type == 'RequestRedirect').size() <= 1"),
    rule('URLRewrite filter cannot be repeated', "self.filter(f, f.type == 'URLRewrite').size() <= 1"),
  ),
});

const match = object('A request that has all of this.', {
  path: object(
    'The path.',
    {
      type: text('Exact, PathPrefix or RegularExpression.', { enum: ['Exact', 'PathPrefix', 'RegularExpression'], default: 'PathPrefix' }),
      value: text('The path, or its beginning.', { maxLength: 1024, default: '/' }),
    },
    {
      default: { type: 'PathPrefix', value: '/' },
      ...rules(
        rule(
          "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']",
          "(self.type in ['Exact','PathPrefix']) ? self.value.startsWith('/') : true",
        ),
        rule(
          "must not contain '//' when type one of ['Exact', 'PathPrefix']",
          "(self.type in ['Exact','PathPrefix']) ? !self.value.contains('//') : true",
        ),
        rule(
          "type must be one of ['Exact', 'PathPrefix', 'RegularExpression']",
          "self.type in ['Exact','PathPrefix'] || self.type == 'RegularExpression'",
        ),
      ),
    },
  ),
  headers: list('Headers.', typedMatch('A header.'), {
    maxItems: 16,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }),
  queryParams: list('Parameters of the query.', typedMatch('A parameter.'), {
    maxItems: 16,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  }),
  method: text('The method.', { enum: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] }),
});

const backendRef = object(
  'Where requests go.',
  {
    group: groupName(''),
    kind: kindName('Service'),
    namespace,
    name: objectName('The name of the Service.'),
    port: port('The port of the Service.'),
    weight: whole('Its share of the requests, out of the sum of all.', 0, 1_000_000, { default: 1 }),
    filters,
  },
  {
    required: ['name'],
    ...rules(rule('Must have port for Service reference', "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true")),
  },
);

const routeRule = object(
  'What becomes of requests that match.',
  {
    name: text('The name of the rule.', { minLength: 1, maxLength: 253 }),
    matches: list('Requests that have all of one of these.', match, {
      maxItems: 64,
      default: [{ path: { type: 'PathPrefix', value: '/' } }],
    }),
    filters,
    backendRefs: list('Where requests go, by weight.', backendRef, { maxItems: 16 }),
    timeouts: object(
      'How long a request may take.',
      { request: duration('All in all; 0s is no limit.'), backendRequest: duration('One try at a backend.') },
      rules(
        rule(
          'backendRequest timeout cannot be longer than request timeout',
          "!(has(self.request) && has(self.backendRequest) && duration(self.request) != duration('0s') && duration(self.backendRequest) > duration(self.request))",
        ),
      ),
    ),
  },
  rules(
    rule(
      'RequestRedirect filter must not be used together with backendRefs',
      '(has(self.backendRefs) && size(self.backendRefs) > 0) ? (!has(self.filters) || self.filters.all(f, !has(f.requestRedirect))): true',
    ),
  ),
);

const httpRouteSpec = object('What is wanted.', {
  parentRefs: list('What the route attaches to.', parentRef, { maxItems: 32 }),
  hostnames: list('Hosts that the route is for; those of the listeners when empty.', hostname('A host.'), { maxItems: 16 }),
  rules: list('What becomes of requests.', routeRule, {
    maxItems: 16,
    default: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
  }),
});

const routeStatus = object(
  'What controllers say.',
  {
    parents: list(
      'For each parent what its controller says.',
      object('One parent.', { parentRef, controllerName: text('Who says so.'), conditions }, { required: ['parentRef', 'controllerName'] }),
      { maxItems: 32 },
    ),
  },
  { required: ['parents'] },
);

const grantSpec = object(
  'Who may name what.',
  {
    from: list(
      'Who may.',
      object(
        'Objects of a kind in a namespace.',
        { group: groupName(), kind: kindName(), namespace: text('The namespace.', { minLength: 1, maxLength: 63 }) },
        { required: ['group', 'kind', 'namespace'] },
      ),
      { minItems: 1, maxItems: 16 },
    ),
    to: list(
      'What, in the namespace of the grant.',
      object(
        'Objects of a kind, or one.',
        { group: groupName(), kind: kindName(), name: objectName('The name; all when empty.') },
        { required: ['group', 'kind'] },
      ),
      { minItems: 1, maxItems: 16 },
    ),
  },
  { required: ['from', 'to'] },
);

interface Definition {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
  readonly version: string;
  readonly spec: Schema;
  readonly status?: Schema;
  readonly columns: readonly Schema[];
}

const column = (name: string, jsonPath: string, type = 'string', extra: Schema = {}): Schema => ({ jsonPath, name, type, ...extra });
const age = column('Age', '.metadata.creationTimestamp', 'date');

const definitions: readonly Definition[] = [
  {
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    shortNames: ['gc'],
    scope: 'Cluster',
    version: 'v1',
    spec: object(
      'What is wanted.',
      {
        controllerName: text('Who serves Gateways of this class.', {
          minLength: 1,
          maxLength: 253,
          pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$",
          ...rules(rule('Value is immutable', 'self == oldSelf')),
        }),
        description: text('For people.', { maxLength: 64 }),
        parametersRef: object(
          'Settings of the implementation.',
          { group: groupName(), kind: kindName(), name: objectName('Its name.'), namespace },
          { required: ['group', 'kind', 'name'] },
        ),
      },
      { required: ['controllerName'] },
    ),
    status: object(
      'What the controller says.',
      { conditions },
      {
        default: {
          conditions: [
            {
              lastTransitionTime: '1970-01-01T00:00:00Z',
              message: 'Waiting for controller',
              reason: 'Pending',
              status: 'Unknown',
              type: 'Accepted',
            },
          ],
        },
      },
    ),
    columns: [
      column('Controller', '.spec.controllerName'),
      column('Accepted', '.status.conditions[?(@.type=="Accepted")].status'),
      age,
      column('Description', '.spec.description', 'string', { priority: 1 }),
    ],
  },
  {
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gtw'],
    scope: 'Namespaced',
    version: 'v1',
    spec: gatewaySpec,
    status: {
      ...gatewayStatus,
      default: {
        conditions: ['Accepted', 'Programmed'].map((type) => ({
          lastTransitionTime: '1970-01-01T00:00:00Z',
          message: 'Waiting for controller',
          reason: 'Pending',
          status: 'Unknown',
          type,
        })),
      },
    },
    columns: [
      column('Class', '.spec.gatewayClassName'),
      column('Address', '.status.addresses[*].value'),
      column('Programmed', '.status.conditions[?(@.type=="Programmed")].status'),
      age,
    ],
  },
  {
    kind: 'HTTPRoute',
    plural: 'httproutes',
    shortNames: [],
    scope: 'Namespaced',
    version: 'v1',
    spec: httpRouteSpec,
    status: routeStatus,
    columns: [column('Hostnames', '.spec.hostnames'), age],
  },
  {
    kind: 'GRPCRoute',
    plural: 'grpcroutes',
    shortNames: [],
    scope: 'Namespaced',
    version: 'v1',
    spec: grpcRouteSpec,
    status: routeStatus,
    columns: [column('Hostnames', '.spec.hostnames'), age],
  },
  {
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    shortNames: ['refgrant'],
    scope: 'Namespaced',
    version: 'v1beta1',
    spec: grantSpec,
    columns: [age],
  },
];

/** The objects, ready to be created. */
export const crds: readonly object[] = definitions.map(({ kind, plural, shortNames, scope, version, spec, status, columns }) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: {
    annotations: {
      'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/gateway-api/pull/3328',
      'gateway.networking.k8s.io/bundle-version': 'v1.2.1',
      'gateway.networking.k8s.io/channel': 'standard',
    },
    name: `${plural}.${group}`,
  },
  spec: {
    group: group,
    names: {
      categories: ['gateway-api'],
      kind,
      listKind: `${kind}List`,
      plural,
      ...(shortNames.length > 0 && { shortNames }),
      singular: kind.toLowerCase(),
    },
    scope,
    versions: [
      {
        additionalPrinterColumns: columns,
        name: version,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: `A ${kind} of the Gateway API.`,
            properties: {
              apiVersion: { type: 'string' },
              kind: { type: 'string' },
              metadata: { type: 'object' },
              spec,
              ...(status && { status }),
            },
            ...(kind !== 'ReferenceGrant' && { required: ['spec'] }),
          },
        },
        served: true,
        storage: true,
        subresources: status ? { status: {} } : {},
      },
    ],
  },
}));
