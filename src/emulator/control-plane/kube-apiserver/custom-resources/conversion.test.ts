/** Custom resources whose versions a webhook converts. */
import { describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../../../api/apiextensions/custom-resource-definition.ts';
import { services } from '../../../api/core/service.ts';
import type { Kind } from '../../../api/kind.ts';
import type { Call, HttpRequest, HttpResponse } from '../../../kernel/index.ts';
import { base64, Errno, utf8 } from '../../../kernel/index.ts';
import { CertificateAuthority } from '../../../machinery/x509/index.ts';
import type { ApiObject } from '../../../machinery/objects.ts';
import { createTestControlPlane } from '../testing.ts';

type Tab = ApiObject & { readonly spec: { readonly hostPort?: string; readonly host?: string; readonly port?: string } };
interface Review {
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly Tab[] };
}

/** v1 has `host` and `port`, v1beta1 both in one. */
function convert(object: Tab, apiVersion: string): object {
  const { host, port, hostPort = '' } = object.spec;
  const [before, behind] = hostPort.split(':');
  const spec = apiVersion.endsWith('v1') ? { host: before, port: behind } : { hostPort: `${host}:${port}` };
  return { ...object, apiVersion, spec: object.apiVersion === apiVersion ? object.spec : spec };
}

const honest = ({ request: { objects, desiredAPIVersion } }: Review): object => ({
  result: { status: 'Success' },
  convertedObjects: objects.map((object) => convert(object, desiredAPIVersion)),
});

function setUp(answer: (review: Review) => object | 'hang' = honest) {
  const asked: string[] = [];
  const hook = { answer, pem: '' };
  const net = {
    *connect() {
      return { service: { isTls: true, certificate: () => hook.pem }, close() {} };
    },
    *request(_to: unknown, { body, target }: HttpRequest): Call<HttpResponse> {
      const review = body as Review;
      const [object] = review.request.objects;
      asked.push(`${target} ${object!.metadata.name} ${object!.apiVersion} to ${review.request.desiredAPIVersion}`);
      const response = hook.answer(review);
      if (response === 'hang') throw new Errno('ETIMEDOUT');
      const whole = { kind: 'ConversionReview', apiVersion: 'apiextensions.k8s.io/v1', response: { uid: review.request.uid, ...response } };
      return { status: 200, headers: {}, body: whole };
    },
  };
  const plane = createTestControlPlane({ net: net as never });
  const { kernel, admin } = plane;
  const authority = new CertificateAuthority(kernel.random, 'hooks', kernel.clock.unixMs);
  hook.pem = authority.issue({
    subject: { commonName: 'hook' },
    usages: ['server auth'],
    dnsNames: ['hook.default.svc'],
    notBeforeMs: kernel.clock.unixMs,
  }).pem;
  const schema = (properties: object): object => ({
    openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  });
  const text = { type: 'string' };
  plane.run(
    admin.call({
      verb: 'create',
      kind: services,
      object: { metadata: { name: 'hook', namespace: 'default' }, spec: { ports: [{ port: 443 }] } } as never,
    }),
  );
  plane.run(
    admin.call({
      verb: 'create',
      kind: customResourceDefinitions,
      object: {
        metadata: { name: 'tabs.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'tabs', kind: 'Tab' },
          versions: [
            { name: 'v1beta1', served: true, storage: true, schema: schema({ hostPort: text }) },
            {
              name: 'v1',
              served: true,
              storage: false,
              schema: schema({ host: text, port: text, tier: { type: 'string', default: 'gold' } }),
            },
          ],
          conversion: {
            strategy: 'Webhook',
            webhook: {
              conversionReviewVersions: ['v1'],
              clientConfig: {
                service: { name: 'hook', namespace: 'default', path: '/convert' },
                caBundle: base64(utf8(authority.certificate.pem)),
              },
            },
          },
        },
      } as never,
    }),
  );
  plane.advance(100);
  const kindOf = (version: string): Kind => plane.server.registry.find(`example.com/${version}`, 'tabs')!.descriptor;
  const call = (version: string, verb: 'create' | 'get' | 'list' | 'update' | 'delete', more: object = {}) =>
    plane.run(admin.call({ verb, kind: kindOf(version), namespace: 'default', ...more } as never)) as Tab & {
      readonly items: readonly Tab[];
    };
  const tab = (version: string, spec: object, more: object = {}) => ({
    apiVersion: `example.com/${version}`,
    kind: 'Tab',
    metadata: { name: 'a', namespace: 'default', ...more },
    spec,
  });
  return { plane, asked, hook, kindOf, call, tab };
}

describe('a webhook that converts', () => {
  test('is asked for what is stored in another version, each way', () => {
    const t = setUp();
    const made = t.call('v1', 'create', { object: t.tab('v1', { host: 'h', port: '1' }) });
    expect(made).toMatchObject({ apiVersion: 'example.com/v1', spec: { host: 'h', port: '1', tier: 'gold' } });
    expect(t.asked).toEqual([
      '/convert?timeout=30s a example.com/v1 to example.com/v1beta1',
      '/convert?timeout=30s a example.com/v1beta1 to example.com/v1',
    ]);
    expect(t.plane.server.store('tabs', 'example.com/v1').get('default', 'a')).toMatchObject({
      apiVersion: 'example.com/v1beta1',
      spec: { hostPort: 'h:1' },
    });
    expect(t.call('v1beta1', 'get', { name: 'a' }).spec).toEqual({ hostPort: 'h:1' });
    expect(t.asked).toHaveLength(2);
    expect(t.call('v1', 'list').items.map(({ spec }) => spec)).toEqual([{ host: 'h', port: '1', tier: 'gold' }]);
  });

  test('is asked for what an update, a patch and a deletion begin with', () => {
    const t = setUp();
    t.call('v1beta1', 'create', { object: t.tab('v1beta1', { hostPort: 'h:1' }, { finalizers: ['example.com/f'] }) });
    const before = t.call('v1', 'get', { name: 'a' });
    const after = t.call('v1', 'update', { object: { ...before, spec: { ...before.spec, port: '2' } } });
    expect(after).toMatchObject({ metadata: { generation: 2 }, spec: { host: 'h', port: '2' } });
    const patch = { type: 'application/merge-patch+json', body: { spec: { host: 'g' } } };
    const patched = t.plane.run(
      t.plane.admin.call({ verb: 'patch', kind: t.kindOf('v1'), namespace: 'default', name: 'a', patch } as never),
    ) as Tab;
    expect(patched.spec).toMatchObject({ host: 'g', port: '2' });
    const gone = t.call('v1', 'delete', { name: 'a' });
    expect(gone).toMatchObject({ apiVersion: 'example.com/v1', metadata: { deletionTimestamp: expect.any(String) } });
    expect(t.call('v1beta1', 'get', { name: 'a' })).toMatchObject({
      metadata: { deletionTimestamp: expect.any(String) },
      spec: { hostPort: 'g:2' },
    });
  });

  test('is asked by a watch, which keeps the order', () => {
    const t = setUp();
    const seen: string[] = [];
    t.plane.run(
      t.plane.admin.watch(
        t.kindOf('v1') as Kind<Tab>,
        { namespace: 'default', allowWatchBookmarks: true },
        { onEvent: ({ type, object }) => void seen.push(`${type} ${object.spec?.host ?? ''}`), onEnd: () => void seen.push('end') },
      ),
    );
    t.call('v1beta1', 'create', { object: t.tab('v1beta1', { hostPort: 'h:1' }) });
    const made = t.call('v1beta1', 'get', { name: 'a' });
    t.call('v1beta1', 'update', { object: { ...made, spec: { hostPort: 'g:1' } } });
    t.plane.advance(10);
    expect(seen).toEqual(['ADDED h', 'MODIFIED g']);
    t.hook.answer = () => 'hang';
    t.call('v1beta1', 'delete', { name: 'a' });
    t.plane.advance(10);
    expect(seen).toEqual(['ADDED h', 'MODIFIED g', 'end']);
  });

  test.each<{ readonly name: string; readonly answer: (review: Review) => object | 'hang'; readonly want: string }>([
    {
      name: 'hangs',
      answer: () => 'hang',
      want: 'failed: Post "https://hook.default.svc:443/convert?timeout=30s": context deadline exceeded',
    },
    { name: 'refuses', answer: () => ({ result: { status: 'Failure', message: 'no way' } }), want: 'failed: no way' },
    { name: 'says nothing', answer: () => ({}), want: "failed: response.result.status was '', not 'Success'" },
    {
      name: 'answers another question',
      answer: (review) => ({ ...honest(review), uid: 'x' }),
      want: /failed: expected response.uid="[-0-9a-f]+", got "x"/ as never,
    },
    { name: 'loses it', answer: () => ({ result: { status: 'Success' }, convertedObjects: [] }), want: 'returned 0 objects, expected 1' },
    {
      name: 'does not convert',
      answer: ({ request }) => ({ result: { status: 'Success' }, convertedObjects: request.objects }),
      want: 'returned invalid object at index 0: invalid groupVersion (expected example.com/v1, received example.com/v1beta1)',
    },
    {
      name: 'changes the name',
      answer: ({ request: { objects } }) => ({
        result: { status: 'Success' },
        convertedObjects: objects.map((one) => ({ ...one, apiVersion: 'example.com/v1', metadata: { ...one.metadata, name: 'b' } })),
      }),
      want: 'returned invalid object: must have the same name: a != b',
    },
    {
      name: 'writes bad labels',
      answer: ({ request: { objects } }) => ({
        result: { status: 'Success' },
        convertedObjects: objects.map((one) => ({
          ...one,
          apiVersion: 'example.com/v1',
          metadata: { ...one.metadata, labels: { '-': 'x' } },
        })),
      }),
      want: 'returned invalid metadata: metadata.labels: Invalid value: "-"',
    },
  ])('that $name fails the request', ({ answer, want }) => {
    const t = setUp(answer);
    t.call('v1beta1', 'create', { object: t.tab('v1beta1', { hostPort: 'h:1' }) });
    const get = () => t.call('v1', 'get', { name: 'a' });
    expect(get).toThrow(want);
    expect(get).toThrow('conversion webhook for example.com/v1beta1, Kind=Tab');
  });
});
