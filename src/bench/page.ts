/** What a lab page costs the reader: the script of the worker, and the time to its prompt in a real Chromium. */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Bench } from './figure.ts';

/** The scripts of the worker's entry: everything that `importScripts` or the entry itself brings before the first prompt. */
function workerScripts(): readonly string[] {
  const folder = 'build/assets/js';
  if (!fs.existsSync(folder)) throw new Error('build the site first: npm run build');
  const names = fs.readdirSync(folder).filter((name) => name.endsWith('.js'));
  return names
    .filter((name) => fs.readFileSync(path.join(folder, name), 'utf8').includes('the connection to the server'))
    .map((name) => path.join(folder, name));
}

export const pageBenches: readonly Bench[] = [
  {
    name: 'page-script',
    run: () => {
      const bytes = workerScripts().reduce((sum, file) => sum + gzipSync(fs.readFileSync(file), { level: 9 }).length, 0);
      return [
        {
          name: 'page-script',
          value: bytes / 1024,
          unit: 'KB gzip',
          goal: 250,
          peer: 'webernetes, without kubectl or shell',
          peerValue: 141,
        },
      ];
    },
  },
];
