/** Serves the built site on a free port, building it first when it is not that of these sources. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { isSiteFresh } from '../../src/build/site-build.ts';

const root = path.resolve('build');
const lock = path.resolve('node_modules/.cache/site-build');
const lockLimitMs = 300_000;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.xml': 'application/xml',
};

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSite(): Promise<Site> {
  await build();
  const server = http.createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Test files run side by side, and only one of them may build: a folder is the lock. */
async function build(): Promise<void> {
  const endMs = Date.now() + lockLimitMs;
  fs.mkdirSync(path.dirname(lock), { recursive: true });
  while (!tryLock()) {
    if (Date.now() > endMs) throw new Error(`${lock} is held by a build that does not end; remove it`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    if (isSiteFresh()) return;
    // `npm test` has generated already, and other tests read what was generated: it must not be written anew.
    const { status, stdout, stderr } = spawnSync('npx', ['docusaurus', 'build'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the site cannot be built:\n${stdout}${stderr}`);
  } finally {
    fs.rmSync(lock, { recursive: true, force: true });
  }
}

function tryLock(): boolean {
  try {
    fs.mkdirSync(lock);
    return true;
  } catch {
    const stat = fs.statSync(lock, { throwIfNoEntry: false });
    if (stat && Date.now() - stat.mtimeMs > lockLimitMs) fs.rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const wanted = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const file = [wanted, `${wanted}.html`, `${wanted}/index.html`]
    .map((name) => path.join(root, name))
    .find((name) => name.startsWith(root) && fs.statSync(name, { throwIfNoEntry: false })?.isFile());
  response.writeHead(file ? 200 : 404, { 'content-type': types[path.extname(file ?? '404.html')] ?? 'application/octet-stream' });
  response.end(fs.readFileSync(file ?? path.join(root, '404.html')));
}
