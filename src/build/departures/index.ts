/** `npm run departures`: writes docs/contributing/departures.md. */
import fs from 'node:fs';
import { collectDepartures, departuresPage } from './collect.ts';

fs.writeFileSync('docs/contributing/departures.md', departuresPage(collectDepartures()));
