/** Bodies of JSON that JSON.parse would take in silence. */
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../../kernel/index.ts';
import { utf8 } from '../../../kernel/index.ts';
import { createTestControlPlane } from '../testing.ts';

const plane = createTestControlPlane({ authorization: { authorizers: [{ type: 'AlwaysAllow' }] } });

function send(method: string, target: string, text: string, type = 'application/json'): HttpResponse {
  const request = { method, target, headers: { 'content-type': type }, body: utf8(text) };
  return plane.run(plane.endpoint.http(request, { ip: '10.0.0.1', port: 1, isTls: true }));
}

const maps = '/api/v1/namespaces/default/configmaps';
const twice = (name: string): string => `{"metadata":{"name":"${name}"},"data":{"a":"1","a":"2"}}`;

describe('a key that stands twice', () => {
  test('is refused', () => {
    const { status, body } = send('POST', `${maps}?fieldValidation=Strict`, twice('strict'));
    expect(status).toBe(400);
    expect(body).toMatchObject({
      message: expect.stringMatching(/strict decoding error: duplicate field "data.a"$/),
      reason: 'BadRequest',
    });
  });

  test('is warned of, and the last one counts', () => {
    const { status, headers, body } = send('POST', maps, twice('warned'));
    expect([status, headers.warning]).toEqual([201, '299 - "duplicate field \\"data.a\\""']);
    expect(body).toMatchObject({ data: { a: '2' } });
  });

  test('is passed over', () => {
    const { status, headers } = send('POST', `${maps}?fieldValidation=Ignore`, twice('ignored'));
    expect([status, headers.warning]).toEqual([201, undefined]);
  });

  test('in a patch', () => {
    const patch = '{"data":{"b":"1","b":"2"}}';
    expect(send('PATCH', `${maps}/warned`, patch, 'application/merge-patch+json').headers.warning).toContain('duplicate field');
    expect(send('PATCH', `${maps}/warned?fieldValidation=Strict`, patch, 'application/merge-patch+json').status).toBe(400);
  });
});

test.each([
  { name: 'lists', text: '['.repeat(200_000) },
  { name: 'objects', text: '{"a":'.repeat(200_000) },
  { name: 'lists that end', text: `{"data":${'['.repeat(5000)}${']'.repeat(5000)}}` },
])('$name without end are refused', ({ text }) => {
  expect(send('POST', maps, text).status).toBe(400);
});

test('YAML without end is refused', () => {
  expect(send('POST', maps, '['.repeat(200_000), 'application/yaml').status).toBe(400);
});
