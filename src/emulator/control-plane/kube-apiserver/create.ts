import type { Kernel } from '../../kernel/index.ts';
import { admissionPlugins } from './admission/index.ts';
import { nodeRules } from './authorization/bootstrap-policy/index.ts';
import { bootstrap } from './bootstrap/index.ts';
import type { ApiEndpoint } from './endpoint.ts';
import { createHttpHandler } from './rest/http.ts';
import type { ApiServerOptions } from './server.ts';
import { ApiServer } from './server.ts';
import { openSession } from './session.ts';

type Optional = 'authentication' | 'admission' | 'nodeRules';

/** Makes a server on an etcd, with the default plugins, and lets it put in place what every cluster has. */
export function createApiServer(
  options: Omit<ApiServerOptions, Optional> & Partial<Pick<ApiServerOptions, Optional>> & { readonly isBare?: boolean | undefined },
): { readonly server: ApiServer; readonly endpoint: ApiEndpoint } {
  const server = new ApiServer({ authentication: {}, admission: admissionPlugins, nodeRules: nodeRules(), ...options });
  const endpoint: ApiEndpoint = {
    http: createHttpHandler(server),
    open: (credential, agent, sourceIP) => openSession(server, credential, { agent, sourceIP }),
  };
  if (!options.isBare) (options.kernel as Kernel).fiber(bootstrap(server));
  return { server, endpoint };
}
