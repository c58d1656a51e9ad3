import { connectClient } from '../../client/index.ts';
import type { Call, NetNamespace, Program, Sys } from '../../kernel/index.ts';
import { isErrno } from '../../kernel/index.ts';
import { leaderElectionFlags, runElected } from '../component-base/elected.ts';
import type { FlagTypes } from '../component-base/flags.ts';
import { componentConfig, componentFlags, fail } from '../component-base/start.ts';
import type { CloudLoadBalancers } from './cloud.ts';
import { cloudService } from './cloud.ts';
import { ServiceController } from './service-controller.ts';

const agent = 'cloud-controller-manager';
const flagTypes: FlagTypes = { ...leaderElectionFlags, 'cloud-provider': 'string', kubeconfig: 'string', v: 'integer' };
const retryMs = 2000;

/** Waits for the API server before anything else, as upstream does (k8s.io/controller-manager/app, WaitForAPIServer). */
function* waitForServer(sys: Sys, net: NetNamespace, server: { readonly ip: string; readonly port: number }): Call<void> {
  for (;;) {
    try {
      const connection = yield* net.connect(server);
      connection.close();
      return;
    } catch (error) {
      if (!isErrno(error)) throw error;
    }
    yield* sys.sleep(retryMs);
  }
}

/** `cloud-controller-manager`: speaks to the cloud that its machine offers. */
export const cloudControllerManager: Program = function* (sys) {
  const flags = componentFlags(sys, flagTypes);
  const config = componentConfig(sys, flags);
  const { kernel, net } = sys;
  const cloud = sys.machine.services.get(cloudService) as CloudLoadBalancers | undefined;
  if (!cloud) return fail(sys, 'Cloud provider could not be initialized: unknown cloud provider');
  yield* waitForServer(sys, net, config.server);
  const client = connectClient({ kernel, net, ...config, agent });
  sys.own(() => client.close());
  const start = (): void => {
    const controller = new ServiceController(kernel, client, cloud);
    sys.own(() => controller.stop());
    controller.start();
  };
  return yield* runElected(sys, { name: agent, client, flags, start });
};
