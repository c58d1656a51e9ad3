/** Ingresses on a booted cluster, with the add-on's controller and without. */
import { beforeAll, describe, expect, test } from 'vitest';
import { base64, utf8 } from '../../src/emulator/kernel/index.ts';
import { CertificateAuthority } from '../../src/emulator/machinery/x509/index.ts';
import type { TestShell } from './shell.ts';
import { bootShell } from './shell.ts';

const ip = '172.18.255.200';
let shell: TestShell;

/** A web server that says its name and what it was asked for. */
const echo = (name: string): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {default.conf: 'server { listen 80; location / { return 200 "${name} $request_uri $http_x_forwarded_proto $http_x_real_ip"; } }'}
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  containers: [{name: main, image: nginx, volumeMounts: [{name: conf, mountPath: /etc/nginx/conf.d}]}]
  volumes: [{name: conf, configMap: {name: ${name}}}]
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: web, port: 8080, targetPort: 80}]}
`;

const path = (text: string, service: string, type = 'Prefix'): string =>
  `{path: '${text}', pathType: ${type}, backend: {service: {name: ${service}, port: {name: web}}}}`;
const ingress = (
  name: string,
  host: string,
  paths: readonly string[],
  annotations = '',
  more = '',
): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: ${name}, annotations: {${annotations.replaceAll('@', 'nginx.ingress.kubernetes.io/')}}}
spec: {ingressClassName: nginx, ${more} rules: [{host: ${host}, http: {paths: [${paths.join(', ')}]}}]}
`;

const get = (url: string, options = ''): string => {
  const [, scheme, host] = /^(https?):\/\/([^/]+)/.exec(url)!;
  const port = scheme === 'https' ? 443 : 80;
  return shell.run(`curl -s -m 10 ${options} --resolve ${host}:${port}:${ip} '${url}'`);
};
const status = (url: string, options = ''): string => get(url, `-o /dev/null -w '%{http_code} %{redirect_url}' ${options}`).trim();

describe('with the controller', () => {
  let authority: CertificateAuthority;

  beforeAll(() => {
    shell = bootShell({ nodes: 2, seed: 9, addons: ['ingress-nginx'] });
    authority = new CertificateAuthority(shell.cluster.kernel.random, 'shop', 0);
    const issued = authority.issue({
      subject: { commonName: 'tls' },
      usages: ['server auth'],
      dnsNames: ['tls.example.com'],
      notBeforeMs: shell.cluster.kernel.clock.unixMs,
    });
    const data = (text: string): string => base64(utf8(text));
    shell.cluster.machine('control-plane')!.fs.writeFile('/root/ca.crt', utf8(authority.certificate.pem));
    shell.apply(
      [
        echo('web'),
        echo('next'),
        `apiVersion: v1\nkind: Secret\nmetadata: {name: cert}\ntype: kubernetes.io/tls\ndata: {tls.crt: ${data(issued.pem)}, tls.key: ${data(issued.key!.pem)}}`,
        ingress('plain', 'a.example.com', [path('/', 'web'), path('/next', 'next'), path('/gone', 'gone')]),
        ingress('rewritten', 'b.example.com', [path('/api(/|$)(.*)', 'web', 'ImplementationSpecific')], '@rewrite-target: /v2/$2'),
        ingress('tls', 'tls.example.com', [path('/', 'web')], '', 'tls: [{hosts: [tls.example.com], secretName: cert}],'),
        ingress(
          'no-redirect',
          'both.example.com',
          [path('/', 'web')],
          '@ssl-redirect: "false"',
          'tls: [{hosts: [both.example.com], secretName: lost}],',
        ),
        ingress('forced', 'forced.example.com', [path('/', 'web')], '@force-ssl-redirect: "true"'),
        ingress('moved', 'moved.example.com', [path('/', 'web')], '@temporal-redirect: "https://new.example.com"'),
        ingress(
          'gone',
          'gone.example.com',
          [path('/', 'web')],
          '@permanent-redirect: "https://new.example.com", @permanent-redirect-code: "308"',
        ),
        ingress('closed', 'closed.example.com', [path('/', 'web')], '@whitelist-source-range: "10.0.0.0/8"'),
        ingress(
          'open',
          'open.example.com',
          [path('/', 'web')],
          '@denylist-source-range: "10.0.0.0/8", @enable-cors: "true", @server-alias: "also.example.com"',
        ),
        ingress('sticky', 'sticky.example.com', [path('/', 'web')], '@affinity: cookie, @session-cookie-name: route'),
        ingress(
          'cookie',
          'open.example.com',
          [path('/', 'next')],
          '@canary: "true", @canary-by-cookie: beta, @canary-by-header: tester, @canary-by-header-pattern: "^q"',
        ),
        ingress('canary', 'a.example.com', [path('/', 'next')], '@canary: "true", @canary-by-header: X-Next, @canary-weight: "0"'),
      ].join('\n---\n'),
    );
    shell.cluster.advance(15_000);
  });

  test('an address in the status', () => {
    expect(shell.run('kubectl get ingress plain --no-headers')).toMatch(/^plain +nginx +a\.example\.com +172\.18\.255\.200 +80 /);
    expect(shell.run('kubectl get ingress tls --no-headers')).toContain('80, 443');
    expect(shell.run('kubectl describe ingress plain')).toMatch(/Normal +Sync .* nginx-ingress-controller +Scheduled for sync/);
  });

  test.each([
    { name: 'host and path', got: () => get('http://a.example.com/x?y=1'), want: /^web \/x\?y=1 http 172\.18\.0\.2$/ },
    { name: 'a longer path', got: () => get('http://a.example.com/next/x'), want: /^next \/next\/x / },
    { name: 'a Service that is not there', got: () => get('http://a.example.com/gone'), want: /503 Service Temporarily Unavailable/ },
    { name: 'a host that nobody has', got: () => get('http://z.example.com/'), want: /404 Not Found/ },
    { name: 'a rewrite', got: () => get('http://b.example.com/api/users?q=1'), want: /^web \/v2\/users\?q=1 / },
    { name: 'a path outside of the rewrite', got: () => status('http://b.example.com/other'), want: /^404$/ },
    { name: 'a redirect to TLS', got: () => status('http://tls.example.com/x'), want: /^308 https:\/\/tls\.example\.com\/x$/ },
    { name: 'no redirect', got: () => get('http://both.example.com/'), want: /^web \/ http / },
    { name: 'a redirect without a certificate', got: () => status('http://forced.example.com/'), want: /^308 https/ },
    { name: 'TLS', got: () => get('https://tls.example.com/', '--cacert ca.crt'), want: /^web \/ https / },
    { name: 'the certificate of nobody', got: () => get('https://both.example.com/', "--cacert ca.crt -w '%{http_code}'"), want: /^000$/ },
    { name: 'not looking at it', got: () => get('https://both.example.com/', '-k'), want: /^web \/ https / },
    { name: 'a redirect for now', got: () => status('http://moved.example.com/'), want: /^302 https:\/\/new\.example\.com\/$/ },
    { name: 'a redirect for ever, with a code', got: () => status('http://gone.example.com/'), want: /^308 https:\/\/new/ },
    { name: 'who is not let in', got: () => status('http://closed.example.com/'), want: /^403$/ },
    { name: 'who is not kept out', got: () => get('http://open.example.com/'), want: /^web / },
    { name: 'another name', got: () => get('http://also.example.com/'), want: /^web / },
    { name: 'headers for scripts', got: () => get('http://open.example.com/', '-i'), want: /access-control-allow-origin: \*/i },
    { name: 'their first question', got: () => status('http://open.example.com/', '-X OPTIONS'), want: /^204$/ },
    {
      name: 'a cookie that keeps',
      got: () => get('http://sticky.example.com/', '-i'),
      want: /set-cookie: route=[\d.]+\|[0-9a-f]{32}; Path=\/; HttpOnly/i,
    },
    { name: 'a canary by cookie', got: () => get('http://open.example.com/', "-H 'Cookie: beta=always'"), want: /^next / },
    { name: 'a canary by the pattern of a header', got: () => get('http://open.example.com/', "-H 'tester: q7'"), want: /^next / },
    { name: 'a canary by header', got: () => get('http://a.example.com/', "-H 'X-Next: always'"), want: /^next / },
  ])('$name', ({ got, want }) => expect(got()).toMatch(want));

  test('Pods that come and go', () => {
    shell.run('kubectl delete pod next');
    shell.cluster.advance(5000);
    expect(status('http://a.example.com/next')).toBe('503');
    shell.apply(echo('next'));
    shell.cluster.advance(5000);
    expect(status('http://a.example.com/next')).toBe('200');
  });

  test('an Ingress of another class is left alone; a default class makes it ours', () => {
    const rules = `rules: [{host: c.example.com, http: {paths: [${path('/', 'web')}]}}]`;
    const make = (name: string, spec: string): void =>
      shell.apply(`apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: ${name}}\nspec: {${spec}${rules}}`);
    make('foreign', 'ingressClassName: other, ');
    make('classless', '');
    shell.cluster.advance(3000);
    expect([
      status('http://c.example.com/'),
      shell.run('kubectl get ing classless foreign --no-headers -o custom-columns=A:.status.loadBalancer.ingress'),
    ]).toEqual(['404', '<none>\n<none>']);
    shell.run('kubectl annotate ingressclass nginx ingressclass.kubernetes.io/is-default-class=true');
    make('defaulted', '');
    expect(shell.run("kubectl get ing defaulted -o jsonpath='{.spec.ingressClassName}'")).toBe('nginx');
    shell.cluster.advance(3000);
    expect(status('http://c.example.com/')).toBe('200');
  });

  test('requests are in its log', () => {
    get('http://a.example.com/logged');
    expect(shell.run('kubectl -n ingress-nginx logs deploy/ingress-nginx-controller | grep logged')).toMatch(
      /^172\.18\.0\.2 - - \[[^\]]+\] "GET \/logged HTTP\/1\.1" 200 \d+ "-" "curl\/[^"]+" \d+ [\d.]+ \[default-web-web\] \[\] 10\.244\.\d+\.\d+:80 /,
    );
  });
});

test('without a controller an Ingress has no address and no way in; its manifest lies at hand', () => {
  shell = bootShell({ nodes: 1, seed: 2 });
  shell.apply([echo('web'), ingress('plain', 'a.example.com', [path('/', 'web')])].join('\n---\n'));
  expect(shell.run('kubectl get ingress plain --no-headers')).toMatch(/^plain +nginx +a\.example\.com +80 /);
  expect(shell.run(`curl -s -m 3 -H 'Host: a.example.com' ${ip}; echo $?`)).toBe('28');
  shell.run('kubectl apply -f /etc/kubernetes/addons/ingress-nginx.yaml');
  shell.cluster.advance(40_000);
  expect(get('http://a.example.com/')).toMatch(/^web /);
});
