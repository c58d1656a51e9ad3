/**
 * The real kubectl against a served cluster, and ours inside an identical one: both must print the same and exit alike. What
 * cannot be equal is normalised in one place, each with its reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { areas } from './areas/index.ts';
import { older } from './areas/older.ts';
import { exceptions } from './exceptions.ts';
import { normalise } from './normalise.ts';
import { Pair } from './pair.ts';
import type { Result } from './real-kubectl.ts';
import { findKubectl, RealKubectl } from './real-kubectl.ts';

const kubectlPath = findKubectl('1.33');
if (kubectlPath === undefined) console.warn('kubectl.1.33 is not installed: the comparison with the real one is skipped');

/** Splits a line at blanks that stand outside single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map((match) => match[0].replaceAll("'", ''));
}

/** The older ones must connect, and print the same for what has not changed since. */
const olderVersions = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32'];

const count = { identical: 0, all: 0 };

async function compare(pair: Pair, real: RealKubectl, line: string): Promise<readonly [ours: Result, theirs: Result]> {
  pair.advance();
  const theirs = await pair.serving(real.run(words(line)));
  const ours = pair.run(words(line));
  return [normalise(line, ours, { server: pair.url, home: '/root' }), normalise(line, theirs, { server: pair.url, home: real.home })];
}

describe.skipIf(kubectlPath === undefined).each(areas)('the real kubectl: $name', (area) => {
  let pair: Pair;
  let real: RealKubectl;

  beforeAll(async () => {
    pair = await Pair.create(area);
    real = new RealKubectl(kubectlPath!, pair.kubeconfig, area.files);
  });

  afterAll(async () => {
    real.close();
    await pair.close();
  });

  test.each(area.commands.map((line, i) => ({ name: `${i + 1}: ${line}`, line })))('$name', async ({ line }) => {
    if (line === 'settle') {
      pair.settle();
      return;
    }
    count.all++;
    const [ours, theirs] = await compare(pair, real, line);
    if (exceptions.has(`${area.name}: ${line}`)) {
      expect(ours, 'it is an exception no more').not.toEqual(theirs);
      return;
    }
    expect(ours).toEqual(theirs);
    count.identical++;
  });
});

describe.each(olderVersions)('kubectl %s', (version) => {
  const path = findKubectl(version);
  test.skipIf(path === undefined)('connects, and prints the same', async () => {
    const pair = await Pair.create(older);
    const real = new RealKubectl(path!, pair.kubeconfig, older.files);
    try {
      for (const line of older.commands) {
        const [ours, theirs] = await compare(pair, real, line);
        expect({ line, ...ours }).toEqual({ line, ...theirs });
      }
    } finally {
      real.close();
      await pair.close();
    }
  });
});

test('few exceptions, and what it came to', () => {
  expect(exceptions.size).toBeLessThanOrEqual(10);
  const excepted = [...exceptions].map(([command, why]) => `\n  not ${command} (${why})`);
  console.info(`kubectl: ${count.identical} of ${count.all} identical${excepted.join('')}`);
});
