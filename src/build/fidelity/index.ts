/** `npm run fidelity`: writes docs/contributing/fields.md. */
import fs from 'node:fs';
import { fieldsOfKinds } from './fields.ts';
import { fieldsPage } from './page.ts';
import { existing, readShown, writeShown } from './shown.ts';

const shown = existing(readShown());
writeShown(shown);
fs.writeFileSync('docs/contributing/fields.md', fieldsPage(fieldsOfKinds(shown), shown));
