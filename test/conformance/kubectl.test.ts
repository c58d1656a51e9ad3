/**
 * The real kubectl against a served cluster, and ours inside an identical one: both must print the same and exit alike. What
 * cannot be equal is normalised in one place, each with its reason.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { areas } from './areas/index.ts';
import { normalise } from './normalise.ts';
import { Pair } from './pair.ts';
import { findKubectl, RealKubectl } from './real-kubectl.ts';

const kubectlPath = findKubectl('1.33');
if (kubectlPath === undefined) console.warn('kubectl.1.33 is not installed: the comparison with the real one is skipped');

/** Splits a line at blanks that stand outside single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map((match) => match[0].replaceAll("'", ''));
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
    pair.advance();
    const theirs = await real.run(words(line));
    const ours = pair.run(words(line));
    expect(normalise(ours, { server: 'https://172.18.0.2:6443', home: '/root' })).toEqual(
      normalise(theirs, { server: pair.url, home: real.home }),
    );
  });
});
