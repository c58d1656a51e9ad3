import fs from 'node:fs';
import { expect, test } from 'vitest';
import { faultsPage } from './page.ts';
import { faultSchema } from './schema.ts';

test('the page of faults is up to date: run `npm run faults`', () => {
  expect(fs.readFileSync('docs/instructors/faults.md', 'utf8')).toBe(faultsPage());
});

test('the schema of lab.yaml knows every fault and its parameters: run `npm run faults`', () => {
  expect(JSON.parse(fs.readFileSync('static/schemas/lab-v1.json', 'utf8')).$defs.fault).toEqual(JSON.parse(JSON.stringify(faultSchema())));
});
