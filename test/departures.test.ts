/** The fidelity page says what the code says. */
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { collectDepartures, departuresPage } from '../src/build/departures/collect.ts';

test('the page of departures is up to date: run `npm run departures`', () => {
  expect(fs.readFileSync('docs/contributing/departures.md', 'utf8')).toBe(departuresPage(collectDepartures()));
});
