import type { SessionClient } from '../../client/index.ts';
import type { Machine } from '../../kernel/index.ts';
import type { KubeletConfiguration } from './configuration.ts';
import { Gate } from './gate.ts';
import type { ServerHost } from './server.ts';
import { serverHandler } from './server.ts';
import { serve } from './serving-certificate.ts';

export interface ServerOptions extends Omit<ServerHost, 'gate'> {
  readonly machine: Machine;
  readonly client: SessionClient;
  readonly nodeName: string;
  /** The node's address, for which the certificate is. */
  readonly ip: string;
  readonly configuration: KubeletConfiguration;
  readonly log: (text: string) => void;
}

/** Listens on the kubelet's port. Returns the way to close it. */
export function openServer({ machine, client, nodeName, ip, configuration, log, ...host }: ServerOptions): () => void {
  const { kernel } = host;
  const { fs } = machine;
  const gate = new Gate({ kernel, client, fs, nodeName, settings: configuration.gate, log });
  const serving = serve({ kernel, fs, client, nodeName, ips: [ip], settings: configuration.serving, log });
  const listener = machine.net.listen(configuration.port, { isTls: true, ...serving.shows, http: serverHandler({ ...host, gate }) });
  return () => {
    serving.stop();
    listener.close();
  };
}
