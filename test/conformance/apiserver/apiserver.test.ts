/**
 * The emulator's API server answers as a real one did: the same status, message, causes, warnings and defaults to each of the requests that were
 * recorded. Those that it answers otherwise stand in `differences/`, which `vitest -u` writes and which should only become shorter.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { textOf, unixMs, Random, utf8 } from '../../../src/emulator/kernel/index.ts';
import type { ByteString } from '../../../src/emulator/kernel/index.ts';
import { createTestControlPlane } from '../../../src/emulator/control-plane/kube-apiserver/testing.ts';
import { CertificateAuthority } from '../../../src/emulator/machinery/x509/index.ts';
import { died, lineOf, objectIn } from './answer.ts';
import type { HttpAnswer } from './answer.ts';
import { areas, casesOf, nameOf, objectsOf } from './requests.ts';
import { firstRequests, targetOf } from './target.ts';

const start = unixMs(2025, 9, 1);

function createServer(): (target: string, body: unknown) => HttpAnswer {
  const authority = new CertificateAuthority(new Random(1), 'kubernetes', start);
  const subject = { commonName: 'kubernetes-admin', organizations: ['system:masters'] };
  const certificate = authority.issue({ subject, usages: ['client auth'], notBeforeMs: start });
  const plane = createTestControlPlane({ authentication: { clientCA: { authorities: [authority.certificate] } } });
  const peer = { ip: '10.0.0.1', port: 1, isTls: true, certificate };
  const headers = { 'user-agent': 'conformance/1.0', accept: 'application/json', 'content-type': 'application/json' };
  const post = (target: string, body: unknown): HttpAnswer => {
    const request = { method: 'POST', target, headers, body: utf8(JSON.stringify(body)) };
    const answer = plane.run(plane.endpoint.http(request, peer));
    const text = typeof answer.body === 'string' ? textOf(answer.body as ByteString) : JSON.stringify(answer.body);
    const warning = answer.headers.warning ?? [];
    return { status: answer.status, warnings: [warning].flat().flatMap((text) => text.split(/, (?=299 - ")/)), body: JSON.parse(text) };
  };
  for (const { target, body } of firstRequests) post(target, body);
  return post;
}

/** `Kind/name case` by its recorded answer. */
function recordedIn(area: string): Map<string, string> {
  const answers = new Map<string, string>();
  let object = '';
  for (const line of readFileSync(path.join(import.meta.dirname, 'recorded', `${area}.txt`), 'utf8').split('\n')) {
    if (line.startsWith('# ')) object = line.slice(2);
    else if (line !== '') answers.set(`${object} ${line.slice(0, line.indexOf(': '))}`, line.slice(line.indexOf(': ') + 2));
  }
  return answers;
}

const post = createServer();

test.each(areas)('%s: requests are answered as a real API server answers them', async (area) => {
  const recorded = recordedIn(area);
  const differences: string[] = [];
  for (const object of objectsOf(area)) {
    const target = targetOf(object);
    let base: ReturnType<typeof objectIn>;
    for (const { name, body } of casesOf(object)) {
      const key = `${nameOf(object)} ${name}`;
      const want = recorded.get(key);
      if (want === undefined) throw new Error(`no answer is recorded for ${key}: npm run conformance:record`);
      const answer = post(target, body);
      const line = lineOf(answer, base);
      base ??= objectIn(answer) ?? {};
      if (line !== want && want !== died) differences.push(`${key}\n  real ${want}\n  here ${line}\n`);
    }
  }
  await expect(differences.join('')).toMatchFileSnapshot(path.join('differences', `${area}.txt`));
});
