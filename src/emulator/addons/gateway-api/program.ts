import type { RestConfig } from '../../client/index.ts';
import { connectClient, inClusterConfig, KubeconfigError } from '../../client/index.ts';
import type { FlagTypes } from '../../control-plane/component-base/flags.ts';
import { parseFlags } from '../../control-plane/component-base/flags.ts';
import type { Call, HttpHandler, Program, Sys } from '../../kernel/index.ts';
import { isErrno, utf8 } from '../../kernel/index.ts';
import { textResponse } from '../../node/network/index.ts';
import { Controller } from './controller.ts';

const agent = 'nginx-gateway';

const flagTypes: FlagTypes = {
  'gateway-ctlr-name': 'string',
  gatewayclass: 'string',
  'health-port': 'integer',
  service: 'string',
};

function readRest(sys: Sys): RestConfig | string {
  try {
    return inClusterConfig(sys.fs, sys.env);
  } catch (error) {
    if (!(error instanceof KubeconfigError) && !isErrno(error)) throw error;
    return error.message;
  }
}

/** One line of JSON, as zap writes it. */
const logLine = (sys: Sys, level: string, message: string): void =>
  void sys.tryWrite(2, utf8(`${JSON.stringify({ level, ts: sys.kernel.clock.timestamp(), msg: message })}\n`));

/** `gateway static-mode`: the controller and what it configures. */
export const gatewayController: Program = function* (sys): Call<number> {
  const [mode, ...args] = sys.argv.slice(1);
  const parsed = parseFlags(args, flagTypes);
  if (mode !== 'static-mode' || 'error' in parsed) {
    yield* sys.print(2, `Error: ${'error' in parsed ? parsed.error : `unknown command "${mode ?? ''}" for "gateway"`}\n`);
    return 1;
  }
  const { flags } = parsed;
  const rest = readRest(sys);
  if (typeof rest === 'string') {
    logLine(sys, 'error', rest);
    return 1;
  }
  logLine(sys, 'info', 'Starting NGINX Gateway Fabric in static mode');
  const { kernel, net } = sys;
  // The kubelet rotates the token, so it is read again for each session.
  const credential = function* () {
    return inClusterConfig(sys.fs, sys.env).credential;
  };
  const client = connectClient({ kernel, net, server: rest.server, authorities: rest.authorities, credential, agent });
  sys.own(() => client.close());
  const controller = new Controller(
    sys,
    client,
    {
      controllerName: flags.text('gateway-ctlr-name') ?? 'gateway.nginx.org/nginx-gateway-controller',
      service: { namespace: sys.env.get('POD_NAMESPACE') ?? 'nginx-gateway', name: flags.text('service') ?? 'nginx-gateway' },
    },
    (message) => logLine(sys, 'info', message),
  );
  const readyz: HttpHandler = function* ({ target }) {
    if (target !== '/readyz') return textResponse(404, '404 page not found\n');
    return controller.isReady ? textResponse(200, 'ok') : textResponse(503, 'the configuration is not loaded yet\n');
  };
  const listener = net.listen(flags.integer('health-port', 8081), { http: readyz });
  sys.own(() => listener.close());
  controller.start();
  for (const signal of ['TERM', 'INT', 'QUIT'] as const) sys.onSignal(signal, 'catch');
  yield* sys.pause();
  return 0;
};
