import type { Client } from '../../client/index.ts';
import { EventRecorder, InformerFactory, Workqueue } from '../../client/index.ts';
import type { Call, Fiber, Kernel } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { StatusError } from '../../machinery/status-error.ts';
import type { Controller, ControllerContext, ControllerSettings } from './controller.ts';

export interface RunOptions {
  readonly kernel: Kernel;
  /** The client of the informers, and of controllers that have no account of their own. */
  readonly client: Client;
  readonly settings: ControllerSettings;
  /** A client under a service account of kube-system. */
  readonly clientAs: (serviceAccount: string) => Client;
  readonly onError?: (controller: string, error: Error) => void;
}

/** Starts controllers on shared informers. Returns the way to stop them all at once. */
export function runControllers(controllers: readonly Controller[], options: RunOptions): () => void {
  const { kernel } = options;
  const informers = new InformerFactory(kernel, options.client);
  const stops: (() => void)[] = [() => informers.stop()];
  const starts: (() => void)[] = [];
  const clients = new Map<string, Client>();
  let isStopped = false;
  const context: ControllerContext = {
    kernel,
    informers,
    settings: options.settings,
    ownClient: options.client,
    client(serviceAccount) {
      let client = clients.get(serviceAccount);
      if (!client) clients.set(serviceAccount, (client = options.clientAs(serviceAccount)));
      return client;
    },
    recorder(client, component) {
      const recorder = new EventRecorder(kernel, client, { component });
      stops.push(() => recorder.stop());
      return recorder;
    },
    queue(queueOptions) {
      const queue = new Workqueue(kernel, { ...queueOptions, onError: (_, error) => options.onError?.(queueOptions.name, error) });
      stops.push(() => queue.stop());
      starts.push(() => queue.start());
      return queue;
    },
    every: (periodMs, task) => void starts.push(() => stops.push(every(kernel, periodMs, task))),
    onSync: (task) => void starts.push(task),
  };
  for (const controller of controllers) controller.start(context);
  informers.start();
  informers.onSync(() => {
    if (!isStopped) for (const start of starts) start();
  });
  return () => {
    isStopped = true;
    for (const stop of stops) stop();
  };
}

/** Runs a task in the background again and again; a turn that fails is forgotten, the next one tries anew. */
function every(kernel: Kernel, periodMs: number, task: () => Call<void>): () => void {
  let fiber: Fiber | undefined;
  let isStopped = false;
  const attempt = function* (): Call<void> {
    try {
      yield* task();
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
    }
  };
  const turn = (): void => {
    if (isStopped) return;
    if (!fiber || fiber.isDone) fiber = kernel.fiber(attempt());
    kernel.loop.after(periodMs, turn, undefined, true);
  };
  kernel.loop.after(0, turn, undefined, true);
  return () => {
    isStopped = true;
    fiber?.cancel();
  };
}
