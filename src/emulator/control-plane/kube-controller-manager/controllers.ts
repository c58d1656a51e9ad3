/** Every controller, in the order in which they start. Adding one is a folder here and a line. */
import type { Controller } from './controller.ts';
import { deploymentController } from './deployment/index.ts';
import { replicaSetController } from './replicaset/index.ts';

export const controllers: readonly Controller[] = [replicaSetController, deploymentController];
