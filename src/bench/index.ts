/** `npm run bench -- [NAME...] [--json]`: prints our figures beside the peers'. */
import { clusterBenches } from './cluster.ts';
import { figuresTable } from './figure.ts';
import type { Bench } from './figure.ts';
import { gradingBenches } from './grading.ts';
import { pageBenches } from './page.ts';
import { schedulerBenches } from './scheduler.ts';
import { serveBenches } from './serve.ts';

const benches: readonly Bench[] = [...clusterBenches, ...schedulerBenches, ...pageBenches, ...serveBenches, ...gradingBenches];

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('-'));
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(`bench: unknown ${unknown.join(', ')}; known are ${benches.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const figures = [];
for (const bench of benches.filter(({ name, isPart }) => (names.length === 0 ? !isPart : names.includes(name)))) {
  for (const figure of await bench.run()) {
    figures.push(figure);
    if (isJson) process.stdout.write(`${JSON.stringify(figure)}\n`);
    else process.stderr.write(`${figure.name}: ${Math.round(figure.value * 100) / 100} ${figure.unit}\n`);
  }
}
if (!isJson) process.stdout.write(figuresTable(figures));
