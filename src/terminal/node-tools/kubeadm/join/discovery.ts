/**
 * How a machine that knows a token finds out whom to trust: it reads cluster-info as nobody, checks the signature that was made with its
 * token, and compares the authority with the hash that it was given (cmd/kubeadm/app/discovery/token/token.go).
 */
import { configMaps } from '../../../../emulator/api/core/config-map.ts';
import { connectClient } from '../../../../emulator/client/index.ts';
import type { Address, Call, Sys } from '../../../../emulator/kernel/index.ts';
import { fromBase64, isErrno, textOf } from '../../../../emulator/kernel/index.ts';
import { detachedSignature } from '../../../../emulator/machinery/jwt/index.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { certificatesOf, publicKeyHash } from '../../../../emulator/machinery/x509/index.ts';
import { parseYaml } from '../../../../emulator/machinery/yaml.ts';
import { Fatal } from '../command.ts';

const retryMs = 5000;
const timeoutMs = 300_000;

export interface Discovered {
  /** Where the cluster says that it is: `https://172.18.0.2:6443`. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
}

export interface Discovery {
  readonly server: Address;
  readonly token: string;
  /** `sha256:…`; empty when nobody looks. */
  readonly hashes: readonly string[];
}

const failed = (why: string): Fatal =>
  new Fatal(`error execution phase preflight: couldn't validate the identity of the API Server: ${why}`);

/** The ConfigMap, once it is signed with the token; what was wrong when there is no time left. */
function* signedInfo(sys: Sys, { server, token }: Discovery): Call<string> {
  const client = connectClient({ kernel: sys.kernel, net: sys.net, server, credential: { type: 'anonymous' }, agent: 'kubeadm' });
  sys.own(() => client.close());
  const [id = '', secret = ''] = token.split('.');
  const startedMs = sys.nowMs;
  for (;;) {
    let problem: string;
    try {
      const { data = {} } = yield* client.get(configMaps, { namespace: 'kube-public', name: 'cluster-info' });
      const [text, signature] = [data?.kubeconfig ?? '', data?.[`jws-kubeconfig-${id}`]];
      if (signature === detachedSignature(text, id, secret)) return text;
      if (signature !== undefined)
        throw failed("failed to verify JWS signature of received cluster info object, can't trust this API Server");
      problem = `could not find a JWS signature in the cluster-info ConfigMap for token ID ${JSON.stringify(id)}`;
    } catch (error) {
      if (!(error instanceof StatusError) && !isErrno(error)) throw error;
      problem = `failed to request the cluster-info ConfigMap: ${error.message}`;
    }
    if (sys.nowMs - startedMs >= timeoutMs) throw failed(problem);
    yield* sys.sleep(retryMs);
  }
}

export function* discover(sys: Sys, discovery: Discovery): Call<Discovered> {
  const text = yield* signedInfo(sys, discovery);
  const { clusters = [] } = parseYaml(text) as {
    readonly clusters?: readonly { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } }[];
  };
  const { server = '', 'certificate-authority-data': data = '' } = clusters[0]?.cluster ?? {};
  const authority = textOf(fromBase64(data) ?? fromBase64('')!);
  const [certificate] = certificatesOf(authority);
  const hash = certificate ? `sha256:${publicKeyHash(certificate)}` : '';
  if (discovery.hashes.length > 0 && !discovery.hashes.includes(hash))
    throw failed(`cluster CA found in cluster-info ConfigMap is invalid: none of the public keys ${JSON.stringify(hash)} are pinned`);
  return { server, authority };
}
