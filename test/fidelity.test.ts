/** The fidelity pages say what the code says. */
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { collectDepartures, departuresPage } from '../src/build/departures/collect.ts';
import { fieldsIn, fieldsOfKinds } from '../src/build/fidelity/fields.ts';
import { manifestsBelow } from '../src/build/fidelity/manifests.ts';
import { fieldsPage } from '../src/build/fidelity/page.ts';
import { existing, readShown } from '../src/build/fidelity/shown.ts';

test('the page of departures is up to date: run `npm run departures`', () => {
  expect(fs.readFileSync('docs/contributing/departures.md', 'utf8')).toBe(departuresPage(collectDepartures()));
});

describe('fields', () => {
  const shown = readShown();
  const kinds = fieldsOfKinds(shown);

  test('the page is up to date: run `npm run fidelity`', () => {
    expect(fs.readFileSync('docs/contributing/fields.md', 'utf8')).toBe(fieldsPage(kinds, shown));
  });

  test('every test that is named is there: run `npm run fidelity`', () => {
    expect([...existing(shown).keys()]).toEqual([...shown.keys()]);
  });

  test('what labs and lessons use has an effect', () => {
    const fates = new Map(
      kinds.flatMap(({ fields }) => Object.entries(fields).flatMap(([fate, list]) => list.map(({ name }) => [name, fate]))),
    );
    const used = manifestsBelow('labs', 'docs').flatMap(({ file, object }) => [...fieldsIn(object)].map((name) => ({ file, name })));
    expect(used.length).toBeGreaterThan(100);
    expect(used.filter(({ name }) => !['acts', 'told', 'read'].includes(fates.get(name) ?? ''))).toEqual([]);
  });

  test('no field is shown that no kind has', () => {
    const all = new Set(kinds.flatMap(({ fields }) => Object.values(fields).flat()).map(({ name }) => name));
    expect([...shown.keys()].filter((name) => !all.has(name))).toEqual([]);
  });
});
