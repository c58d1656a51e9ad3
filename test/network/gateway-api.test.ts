/** Gateway API on a booted cluster: who may attach, where requests go, and what the conditions say. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

let shell: TestShell;
let address: string;
const run = (text: string): string => shell.run(text);
const group = 'gateway.networking.k8s.io/v1';

const app = (name: string, namespace = 'default'): string =>
  [
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}\nspec: {containers: [{name: main, image: "registry.k8s.io/e2e-test-images/agnhost:2.53", args: [netexec, --http-port=8080]}]}`,
    `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {selector: {app: ${name}}, ports: [{port: 80, targetPort: 8080}]}`,
  ].join('\n---\n');

const gateway = (name: string, listeners: string): string =>
  `apiVersion: ${group}\nkind: Gateway\nmetadata: {name: ${name}}\nspec: {gatewayClassName: nginx, listeners: ${listeners}}`;
const route = (name: string, spec: string, namespace = 'default'): string =>
  `apiVersion: ${group}\nkind: HTTPRoute\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {parentRefs: [{name: web, namespace: default}], ${spec}}`;

/** What a request to the Gateway from a node is answered. */
const get = (host: string, path: string, more = ''): string => run(`curl -s ${more} -H 'Host: ${host}' http://${address}${path}`);
const conditions = (name: string, namespace = 'default'): string =>
  run(
    `kubectl get httproute ${name} -n ${namespace} -o jsonpath='{range .status.parents[0].conditions[*]}{.type}={.status}/{.reason}/{.message}{"\\n"}{end}'`,
  );
const apply = (...manifests: readonly string[]): void => {
  shell.apply(manifests.join('\n---\n'));
  shell.cluster.advance(3000);
};

beforeAll(() => {
  shell = bootShell({ nodes: 2, seed: 9, addons: ['gateway-api'] });
  run('kubectl create namespace other; kubectl label namespace other team=b');
  apply(
    app('one'),
    app('two'),
    app('far', 'other'),
    gateway('web', '[{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]'),
  );
  address = run("kubectl get gateway web -o jsonpath='{.status.addresses[0].value}'");
});

test('the class is accepted, the Gateway is programmed and has an address', () => {
  expect(run('kubectl get gatewayclass')).toMatch(/nginx +gateway\.nginx\.org\/nginx-gateway-controller +True/);
  expect(run('kubectl get gateway')).toMatch(/web +nginx +172\.18\.255\.\d+ +True/);
  expect(run("kubectl get gateway web -o jsonpath='{.status.listeners[0].conditions[*].type}'")).toBe(
    'Accepted Programmed ResolvedRefs Conflicted',
  );
  expect(get('any.org', '/')).toContain('404 Not Found');
});

describe('matching', () => {
  beforeAll(() => {
    apply(
      route(
        'shop',
        'hostnames: [shop.org], rules: [{matches: [{path: {value: /}}], backendRefs: [{name: one, port: 80}]}, {matches: [{path: {value: /two}}, {headers: [{name: version, value: "2"}]}], backendRefs: [{name: two, port: 80}]}, {matches: [{path: {type: Exact, value: /exact}, method: POST}], backendRefs: [{name: two, port: 80}]}, {matches: [{path: {value: /}, queryParams: [{name: v, value: "2"}]}], backendRefs: [{name: two, port: 80}]}]',
      ),
      route('wild', 'hostnames: ["*.org"], rules: [{backendRefs: [{name: two, port: 80}]}]'),
    );
  });

  test.each([
    { name: 'a host', host: 'shop.org', path: '/hostname', want: 'one' },
    { name: 'a wildcard', host: 'x.org', path: '/hostname', want: 'two' },
    { name: 'a header', host: 'shop.org', path: '/hostname', more: "-H 'version: 2'", want: 'two' },
    { name: 'a parameter', host: 'shop.org', path: '/hostname?v=2', want: 'two' },
    { name: 'another host', host: 'x.net', path: '/hostname', want: '404 Not Found' },
  ])('$name', ({ host, path, more, want }) => expect(get(host, path, more)).toContain(want));

  test('the status of the route', () => {
    expect(conditions('shop')).toBe(
      'Accepted=True/Accepted/The route is accepted\nResolvedRefs=True/ResolvedRefs/All references are resolved',
    );
    expect(run("kubectl get gateway web -o jsonpath='{.status.listeners[0].attachedRoutes}'")).toBe('2');
    expect(run('kubectl get httproute shop --no-headers')).toMatch(/^shop +\["shop\.org"\]/);
  });
});

test('weights share requests, and an end without a Service takes its share as 500', () => {
  apply(
    route(
      'canary',
      'hostnames: [canary.org], rules: [{backendRefs: [{name: one, port: 80, weight: 3}, {name: two, port: 80, weight: 1}]}]',
    ),
  );
  const answers = run(`for i in $(seq 80); do curl -s -H 'Host: canary.org' http://${address}/hostname; echo; done`).split('\n');
  const twos = answers.filter((answer) => answer === 'two').length;
  expect([answers.length, twos > 8 && twos < 35]).toEqual([80, true]);
  apply(route('canary', 'hostnames: [canary.org], rules: [{backendRefs: [{name: one, port: 80, weight: 0}, {name: gone, port: 80}]}]'));
  expect(get('canary.org', '/hostname')).toContain('500 Internal Server Error');
  expect(conditions('canary')).toContain('ResolvedRefs=False/BackendNotFound/spec.rules[0].backendRefs[1].name: Not found: "gone"');
  run('kubectl delete httproute canary');
});

describe('filters', () => {
  test('redirects', () => {
    apply(
      route(
        'moved',
        'hostnames: [moved.org], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]}, {matches: [{path: {value: /old}}], filters: [{type: RequestRedirect, requestRedirect: {hostname: new.org, path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}}]}]',
      ),
    );
    expect(get('moved.org', '/a?b=c', '-i')).toMatch(/301 Moved Permanently[\s\S]*location: https:\/\/moved\.org\/a\?b=c/i);
    expect(get('moved.org', '/old/x', '-i')).toMatch(/302[\s\S]*location: http:\/\/new\.org\/new\/x/i);
  });

  test('rewrites and headers, on the way there and back', () => {
    apply(
      route(
        'api',
        'hostnames: [api.org], rules: [{matches: [{path: {value: /v1}}], filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}, {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: team, value: a}]}}, {type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: served-by, value: gateway}]}}], backendRefs: [{name: one, port: 80}]}]',
      ),
    );
    expect(get('api.org', '/v1/hostname', '-i')).toMatch(/served-by: gateway[\s\S]*one$/i);
    expect(get('api.org', '/v1/header?key=team')).toContain('a');
  });
});

describe('across namespaces', () => {
  const spec = 'hostnames: [far.org], rules: [{backendRefs: [{name: far, namespace: other, port: 80}]}]';

  test('a Service elsewhere is asked only with a ReferenceGrant', () => {
    apply(route('far', spec));
    expect(conditions('far')).toContain(
      'ResolvedRefs=False/RefNotPermitted/Backend ref to Service other/far not permitted by any ReferenceGrant',
    );
    expect(get('far.org', '/hostname')).toContain('500 Internal Server Error');
    apply(
      'apiVersion: gateway.networking.k8s.io/v1beta1\nkind: ReferenceGrant\nmetadata: {name: routes, namespace: other}\nspec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [{group: "", kind: Service}]}',
    );
    expect(conditions('far')).toContain('ResolvedRefs=True');
    expect(get('far.org', '/hostname')).toBe('far');
  });

  test.each([
    { name: 'All', from: '{from: All}', want: 'Accepted=True' },
    { name: 'Same', from: '{from: Same}', want: 'Accepted=False/NotAllowedByListeners/Route is not allowed by any listener' },
    { name: 'a selector that selects', from: '{from: Selector, selector: {matchLabels: {team: b}}}', want: 'Accepted=True' },
    { name: 'a selector that does not', from: '{from: Selector, selector: {matchLabels: {team: c}}}', want: 'NotAllowedByListeners' },
  ])('routes from $name', ({ from, want }) => {
    apply(
      gateway('web', `[{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: ${from}}}]`),
      route('guest', 'rules: [{backendRefs: [{name: far, port: 80}]}]', 'other'),
    );
    expect(conditions('guest', 'other')).toContain(want);
  });
});

describe('listeners', () => {
  test('TLS with a certificate from a Secret; without one the listener is invalid', () => {
    run(`openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/key.pem -out /tmp/cert.pem -days 30 -subj /CN=secure.org`);
    apply(
      gateway(
        'web',
        '[{name: http, port: 80, protocol: HTTP}, {name: https, port: 443, protocol: HTTPS, hostname: secure.org, tls: {certificateRefs: [{name: cert}]}}]',
      ),
      route('secure', 'hostnames: [secure.org], rules: [{backendRefs: [{name: one, port: 80}]}]'),
    );
    const listener = (): string =>
      run(
        `kubectl get gateway web -o jsonpath='{range .status.listeners[1].conditions[*]}{.type}={.status}/{.reason}{"\\n"}{end}{.status.conditions[0].reason}'`,
      );
    expect(listener()).toBe(
      'Accepted=False/InvalidCertificateRef\nProgrammed=False/Invalid\nResolvedRefs=False/InvalidCertificateRef\nConflicted=False/NoConflicts\nListenersNotValid',
    );
    run('kubectl create secret tls cert --cert=/tmp/cert.pem --key=/tmp/key.pem');
    shell.cluster.advance(3000);
    expect(listener()).toContain('Accepted=True/Accepted');
    expect(run(`curl -sk --resolve secure.org:443:${address} https://secure.org/hostname`)).toBe('one');
  });

  test('what conflicts, and what is not there', () => {
    apply(
      gateway('web', '[{name: http, port: 80, protocol: HTTP}, {name: raw, port: 9000, protocol: TCP}]'),
      `apiVersion: ${group}\nkind: HTTPRoute\nmetadata: {name: lost}\nspec: {parentRefs: [{name: web, sectionName: nope}], rules: [{backendRefs: [{name: one, port: 80}]}]}`,
      gateway('second', '[{name: http, port: 80, protocol: HTTP}]'),
    );
    expect(run("kubectl get gateway web -o jsonpath='{.status.listeners[1].conditions[0].reason}'")).toBe('UnsupportedProtocol');
    expect(conditions('lost')).toContain('Accepted=False/NoMatchingParent/Listener is not found for this parent ref');
    expect(run("kubectl get gateway second -o jsonpath='{.status.conditions[0].message}'")).toBe(
      'The resource is ignored due to a conflicting Gateway resource',
    );
  });
});

test.each([
  {
    name: 'a backend without a port',
    manifest: route('bad', 'rules: [{backendRefs: [{name: one}]}]'),
    want: 'Must have port for Service reference',
  },
  {
    name: 'a path that is none',
    manifest: route('bad', 'rules: [{matches: [{path: {value: x}}]}]'),
    want: "value must be an absolute path and start with '/'",
  },
  {
    name: 'a filter without its field',
    manifest: route('bad', 'rules: [{filters: [{type: URLRewrite}]}]'),
    want: 'filter.urlRewrite must be specified for URLRewrite filter.type',
  },
  {
    name: 'TLS on a listener without',
    manifest: gateway('bad', '[{name: a, port: 80, protocol: HTTP, tls: {certificateRefs: [{name: x}]}}]'),
    want: 'tls must not be specified for protocols',
  },
])('refuses $name', ({ manifest, want }) => {
  expect(run(`kubectl apply -f - <<'END'\n${manifest}\nEND`)).toContain(want);
});

describe('mirrors and timeouts', () => {
  beforeAll(() => apply(gateway('web', '[{name: http, port: 80, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}]')));

  test('a copy goes to the mirror, and the client hears nothing of it', () => {
    apply(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: glass, labels: {app: glass}}\nspec: {containers: [{name: main, image: nginx}]}',
      'apiVersion: v1\nkind: Service\nmetadata: {name: glass}\nspec: {selector: {app: glass}, ports: [{port: 80}]}',
      route(
        'mirrored',
        'hostnames: [mirrored.org], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: glass, port: 80}}}], backendRefs: [{name: one, port: 80}]}]',
      ),
    );
    expect(get('mirrored.org', '/hostname?copy')).toBe('one');
    expect(run('kubectl logs glass')).toContain('"GET /hostname?copy HTTP/1.1" 404');
    apply(
      route(
        'mirrored',
        'hostnames: [mirrored.org], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: gone, port: 80}}}], backendRefs: [{name: one, port: 80}]}]',
      ),
    );
    expect(conditions('mirrored')).toContain('BackendNotFound/spec.rules[0].filters[0].requestMirror.backendRef.name: Not found: "gone"');
    expect(get('mirrored.org', '/hostname')).toBe('one');
  });

  test('a backend that is too slow is given up', () => {
    const [front, ip] = run("kubectl get pods -n nginx-gateway -o jsonpath='{.items[0].spec.nodeName} {.items[0].status.podIP}'").split(
      ' ',
    );
    const back = front === 'node-1' ? 'node-2' : 'node-1';
    apply(
      app('late').replace('spec: {containers', `spec: {nodeName: ${back}, containers`),
      route('slow', 'hostnames: [slow.org], rules: [{timeouts: {request: 2s, backendRequest: 1s}, backendRefs: [{name: late, port: 80}]}]'),
    );
    const code = (): string => run(`ssh ${front} curl -s -o /dev/null -w '%{http_code}' -H Host:slow.org http://${ip}/hostname`);
    expect(code()).toBe('200');
    run(`ssh ${back} tc qdisc add dev eth0 root netem delay 1500ms`);
    expect(code()).toBe('504');
    run(`ssh ${back} tc qdisc del dev eth0 root`);
  });

  test.each([
    { name: 'a time that is none', rule: 'timeouts: {request: soon}', want: 'should match' },
    {
      name: 'a try that is longer than all',
      rule: 'timeouts: {request: 1s, backendRequest: 2s}',
      want: 'backendRequest timeout cannot be longer than request timeout',
    },
    {
      name: 'a mirror that is none',
      rule: 'filters: [{type: RequestMirror}]',
      want: 'filter.requestMirror must be specified for RequestMirror filter.type',
    },
  ])('refuses $name', ({ rule, want }) => {
    expect(run(`kubectl apply -f - <<'END'\n${route('bad', `rules: [{${rule}}]`)}\nEND`)).toContain(want);
  });
});

describe('GRPCRoute', () => {
  const grpc = (name: string, spec: string): string =>
    `apiVersion: ${group}\nkind: GRPCRoute\nmetadata: {name: ${name}}\nspec: {parentRefs: [{name: web}], ${spec}}`;
  const call = (host: string, method: string, more = ''): string =>
    run(`kubectl exec caller -- /bin/grpcurl -plaintext -authority ${host} ${more} ${address}:80 ${method} 2>&1`);
  const said = (name: string): string =>
    run(
      `kubectl get grpcroute ${name} -o jsonpath='{range .status.parents[0].conditions[*]}{.type}={.status}/{.reason}/{.message}{"\\n"}{end}'`,
    );

  beforeAll(() => {
    apply(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: caller}\nspec: {containers: [{name: main, image: "fullstorydev/grpcurl:v1.9.3-alpine", command: [sleep, "99999"]}]}',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: bin, labels: {app: bin}}\nspec: {containers: [{name: main, image: moul/grpcbin, ports: [{containerPort: 9000}]}]}',
      'apiVersion: v1\nkind: Service\nmetadata: {name: bin}\nspec: {selector: {app: bin}, ports: [{port: 9000, appProtocol: kubernetes.io/h2c}]}',
      grpc(
        'calls',
        'hostnames: [grpc.org], rules: [{matches: [{method: {service: hello.HelloService, method: SayHello}}, {method: {service: grpc.reflection.v1alpha.ServerReflection, method: ServerReflectionInfo}}], backendRefs: [{name: bin, port: 9000}]}, {matches: [{method: {service: grpcbin.GRPCBin, method: HeadersUnary}}], filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: team, value: a}]}}], backendRefs: [{name: bin, port: 9000}]}]',
      ),
    );
  });

  test('is accepted, and listed', () => {
    expect(said('calls')).toBe('Accepted=True/Accepted/The route is accepted\nResolvedRefs=True/ResolvedRefs/All references are resolved');
    expect(run('kubectl get grpcroutes --no-headers')).toMatch(/^calls +\["grpc\.org"\]/);
    expect(run("kubectl get gateway web -o jsonpath='{.status.listeners[0].supportedKinds[*].kind}'")).toBe('HTTPRoute GRPCRoute');
    expect(run('kubectl get crd grpcroutes.gateway.networking.k8s.io -o jsonpath={.spec.versions[*].name}')).toBe('v1');
  });

  test('methods find their rule; others are unimplemented', () => {
    expect(JSON.parse(call('grpc.org', 'hello.HelloService/SayHello', `-d '{"greeting":"you"}'`))).toEqual({ reply: 'hello you' });
    expect(call('grpc.org', 'grpcbin.GRPCBin/HeadersUnary')).toMatch(/"team": \{\s+"values": \[\s+"a"/);
    expect(call('grpc.org', 'grpcbin.GRPCBin/Empty')).toContain('ERROR:\n  Code: Unimplemented\n  Message: unimplemented');
    expect(call('other.net', 'hello.HelloService/SayHello')).toContain('server does not support the reflection API');
    expect(call('grpc.org', 'list')).toContain('grpcbin.GRPCBin\nhello.HelloService');
  });

  test.each([
    {
      name: 'a backend that is not there',
      spec: 'rules: [{backendRefs: [{name: gone, port: 9000}]}]',
      want: 'ResolvedRefs=False/BackendNotFound',
    },
    {
      name: 'a service without a method',
      spec: 'rules: [{matches: [{method: {service: a.B}}], backendRefs: [{name: bin, port: 9000}]}]',
      want: 'Accepted=False/UnsupportedValue/All rules are invalid: spec.rules[0].matches[0].method.method: Required value: method is required',
    },
    {
      name: 'a pattern',
      spec: 'rules: [{matches: [{method: {type: RegularExpression, service: a.*}}], backendRefs: [{name: bin, port: 9000}]}]',
      want: 'matches[0].method.type: Unsupported value: "RegularExpression": supported values: "Exact"',
    },
    {
      name: 'another namespace',
      spec: 'rules: [{backendRefs: [{name: far, namespace: other, port: 80}]}]',
      want: 'ResolvedRefs=False/RefNotPermitted',
    },
  ])('$name', ({ spec, want }) => {
    apply(grpc('odd', `hostnames: [odd.org], ${spec}`));
    expect(said('odd')).toContain(want);
  });

  test('a listener for HTTPRoutes alone takes none', () => {
    apply(gateway('web', '[{name: http, port: 80, protocol: HTTP, allowedRoutes: {kinds: [{kind: HTTPRoute}]}}]'));
    expect(said('calls')).toContain('Accepted=False/NotAllowedByListeners');
  });

  test.each([
    {
      name: 'a method that is none',
      spec: 'rules: [{matches: [{method: {service: "a b", method: c}}]}]',
      want: 'service must only contain valid characters',
    },
    {
      name: 'neither service nor method',
      spec: 'rules: [{matches: [{method: {}}]}]',
      want: "One or both of 'service' or 'method' must be specified",
    },
    { name: 'a filter of HTTP', spec: 'rules: [{filters: [{type: URLRewrite}]}]', want: 'Unsupported value: "URLRewrite"' },
  ])('refuses $name', ({ spec, want }) => expect(run(`kubectl apply -f - <<'END'\n${grpc('bad', spec)}\nEND`)).toContain(want));
});
