/** Images that a few lines describe each: databases and agents. */
import { agents } from './agents.ts';
import { databases } from './databases.ts';
import { serverImage } from './server.ts';

export const serverImages = [...databases, ...agents].map(serverImage);
