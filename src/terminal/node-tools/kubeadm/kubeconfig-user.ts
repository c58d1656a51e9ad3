/** `kubeadm kubeconfig user`: a kubeconfig for somebody, signed by the cluster's authority on this machine (cmd/kubeadm/app/cmd/kubeconfig.go). */
import { base64, utf8 } from '../../../emulator/kernel/index.ts';
import { parseDuration } from '../../../emulator/machinery/duration.ts';
import { loadKubeconfig } from '../../../emulator/client/index.ts';
import { authorities, reissue, signer, validFor } from '../../../emulator/cluster/managed-certificates.ts';
import type { Command } from './command.ts';
import { adminKubeconfig, configurationOrNone, Fatal, value } from './command.ts';
import { hostPort } from '../../../emulator/machinery/ipv6.ts';

const defaultValidityMs = 365 * 86_400_000;

export const kubeconfigUser: Command = {
  flags: {
    '--client-name': value('client-name'),
    '--org': value('org'),
    '--token': value('token'),
    '--validity-period': value('validity-period'),
    '--config': value('config'),
    '--kubeconfig': value('kubeconfig'),
  },
  *run(context) {
    const { sys, flags } = context;
    const name = flags.get('client-name');
    if (name === undefined) throw new Fatal('required flag(s) "client-name" not set');
    const configuration = yield* configurationOrNone(context);
    const { server } = loadKubeconfig(sys.fs, adminKubeconfig);
    const authority = authorities[0]!;
    const { certificate } = signer(sys.fs, authority);
    const cluster = configuration?.clusterName ?? 'kubernetes';
    const token = flags.get('token');
    const credentials = (): string => {
      if (token !== undefined) return `    token: ${token}\n`;
      const organizations = flags.get('org')?.split(',') ?? [];
      const validityMs = parseDuration(flags.get('validity-period') ?? '') ?? defaultValidityMs;
      const issued = reissue(
        sys,
        { subject: { commonName: name, organizations }, usages: ['client auth'], dnsNames: [], ips: [] },
        authority,
        validFor(sys, authority, validityMs),
      );
      return `    client-certificate-data: ${base64(utf8(issued.pem))}\n    client-key-data: ${base64(utf8(issued.key!.pem))}\n`;
    };
    yield* sys.print(
      1,
      `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(utf8(certificate.pem))}
    server: https://${hostPort(server.ip, server.port)}
  name: ${cluster}
contexts:
- context:
    cluster: ${cluster}
    user: ${name}
  name: ${name}@${cluster}
current-context: ${name}@${cluster}
kind: Config
users:
- name: ${name}
  user:
${credentials()}`,
    );
    return 0;
  },
};
