/** `npm run faults`: writes docs/instructors/faults.md and the faults of static/schemas/lab-v1.json. */
import fs from 'node:fs';
import { faultsPage } from './page.ts';
import { faultSchema } from './schema.ts';

const schemaFile = 'static/schemas/lab-v1.json';
const schema = JSON.parse(fs.readFileSync(schemaFile, 'utf8'));
schema.$defs.fault = faultSchema();
fs.writeFileSync(schemaFile, `${JSON.stringify(schema, null, 2)}\n`);
fs.writeFileSync('docs/instructors/faults.md', faultsPage());
