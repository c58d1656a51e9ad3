/** The fidelity pages say what the code says. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { collectDepartures, departuresPage } from '../src/build/departures/collect.ts';
import { fieldsOfKinds } from '../src/build/fidelity/fields.ts';
import { fieldsPage } from '../src/build/fidelity/page.ts';

test('the page of departures is up to date: run `npm run departures`', () => {
  expect(fs.readFileSync('docs/contributing/departures.md', 'utf8')).toBe(departuresPage(collectDepartures()));
});

test('the page of fields is up to date: run `npm run fidelity`', () => {
  expect(fs.readFileSync('docs/contributing/fields.md', 'utf8')).toBe(fieldsPage(fieldsOfKinds()));
});
