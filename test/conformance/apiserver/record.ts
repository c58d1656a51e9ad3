/**
 * Records what a real API server v1.34 answers to the requests of `requests.ts`, into `recorded/`.
 *
 * Run by `KUBERNETES_SERVER_BIN=FOLDER npm run conformance:record`, where the folder has `etcd` and `kube-apiserver`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { died, lineOf, objectIn } from './answer.ts';
import { startRealServer } from './real-server.ts';
import type { RealServer } from './real-server.ts';
import { areas, casesOf, nameOf, objectsOf } from './requests.ts';
import type { SampleObject } from './requests.ts';
import { firstRequests, targetOf } from './target.ts';

async function answersTo(server: RealServer, object: SampleObject): Promise<string> {
  const target = targetOf(object);
  const cases = casesOf(object);
  const answers = await Promise.all(cases.map(({ body }) => server.post(target, body).catch(() => undefined)));
  const base = answers[0] && objectIn(answers[0]);
  const lines = cases.map(({ name }, i) => `${name}: ${answers[i] ? lineOf(answers[i], i === 0 ? undefined : base) : died}`);
  return [`# ${nameOf(object)}`, ...lines, ''].join('\n');
}

const bin = process.env.KUBERNETES_SERVER_BIN;
if (bin === undefined) {
  process.stderr.write('KUBERNETES_SERVER_BIN names no folder with etcd and kube-apiserver\n');
  process.exit(2);
}
const server = await startRealServer(bin);
try {
  for (const { target, body } of firstRequests) await server.post(target, body);
  const folder = path.join(import.meta.dirname, 'recorded');
  mkdirSync(folder, { recursive: true });
  for (const area of areas) {
    const texts: string[] = [];
    for (const object of objectsOf(area)) texts.push(await answersTo(server, object));
    writeFileSync(path.join(folder, `${area}.txt`), texts.join('\n'));
  }
} finally {
  server.stop();
}
