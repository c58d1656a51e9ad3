/** `npm run fidelity`: writes docs/contributing/fields.md. */
import fs from 'node:fs';
import { fieldsOfKinds } from './fields.ts';
import { fieldsPage } from './page.ts';

fs.writeFileSync('docs/contributing/fields.md', fieldsPage(fieldsOfKinds()));
