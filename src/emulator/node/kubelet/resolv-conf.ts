/** A Pod's /etc/resolv.conf (upstream pkg/kubelet/network/dns/dns.go). */
import type { Pod } from '../../api/generated/types.ts';
import type { Machine } from '../../kernel/index.ts';
import type { KubeletConfiguration } from './configuration.ts';

/** The lines that `dnsPolicy` and `dnsConfig` make of the cluster's settings and the node's own file. */
export function resolvConf(pod: Pod, { clusterDNS, clusterDomain }: KubeletConfiguration, machine: Machine): string {
  const { dnsPolicy = 'ClusterFirst', dnsConfig, hostNetwork } = pod.spec;
  const isCluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork);
  const namespace = pod.metadata.namespace ?? '';
  if (dnsPolicy !== 'None' && !isCluster) return machine.fs.find('/etc/resolv.conf') ? String(machine.fs.readFile('/etc/resolv.conf')) : '';
  const searches = [
    ...(isCluster ? [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain] : []),
    ...(dnsConfig?.searches ?? []),
  ];
  const servers = [...(isCluster ? clusterDNS : []), ...(dnsConfig?.nameservers ?? [])];
  const options = [
    ...(isCluster ? ['ndots:5'] : []),
    ...(dnsConfig?.options ?? []).map(({ name, value }) => (value === undefined ? `${name}` : `${name}:${value}`)),
  ];
  return [
    searches.length > 0 ? `search ${searches.join(' ')}` : '',
    ...servers.map((server) => `nameserver ${server}`),
    options.length > 0 ? `options ${options.join(' ')}` : '',
  ]
    .filter((line) => line !== '')
    .join('\n')
    .concat('\n');
}
