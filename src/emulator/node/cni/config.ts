import type { ByteString, FileSystem } from '../../kernel/index.ts';
import { basename, isErrno, textOf, utf8 } from '../../kernel/index.ts';
import type { Block, NodeNetwork } from '../network/index.ts';
import { podBlocks, setUpBridge } from './bridge.ts';
import type { CniPlugin } from './plugin.ts';
import { CniError } from './plugin.ts';
import { PodLinks } from './pod-links.ts';

export const cniConfigDirectory = '/etc/cni/net.d';

/** Where a node's configuration of the plugin bridge lies; the name decides the order when there are several. */
export const bridgeConfigPath = `${cniConfigDirectory}/10-bridge.conflist`;

/** Where a CNI configuration lies that the runtime fills in once it knows the node's block (containerd's `conf_template`). */
export const cniTemplatePath = '/etc/containerd/cni.conflist.template';

/** Where flannel's daemon says what its plugin needs to know. */
export const flannelEnvironmentPath = '/run/flannel/subnet.env';

const templateOf = (ranges: readonly unknown[], routes: readonly unknown[]): string =>
  `${JSON.stringify(
    {
      cniVersion: '1.0.0',
      name: 'bridge',
      plugins: [
        {
          type: 'bridge',
          bridge: 'cni0',
          isGateway: true,
          hairpinMode: true,
          ipMasq: false,
          ipam: { type: 'host-local', ranges, routes },
        },
        { type: 'portmap', capabilities: { portMappings: true } },
      ],
    },
    null,
    2,
  )}\n`;

/** One network on a bridge, with the node's own block. */
export const bridgeTemplate = templateOf([[{ subnet: '{{.PodCIDR}}' }]], [{ dst: '0.0.0.0/0' }]);

/** The same of IPv6 alone. */
export const ipv6Template = templateOf([[{ subnet: '{{.PodCIDR}}' }]], [{ dst: '::/0' }]);

/** The same with a block of each family. */
export const dualStackTemplate = templateOf(
  [[{ subnet: '{{index .PodCIDRRanges 0}}' }], [{ subnet: '{{index .PodCIDRRanges 1}}' }]],
  [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
);

/** Writes the configuration from the runtime's template. False when it has none, and somebody else must bring one. */
export function renderCniTemplate(fs: FileSystem, podCIDRs: readonly string[]): boolean {
  if (!fs.find(cniTemplatePath)) return false;
  let text = textOf(fs.readFile(cniTemplatePath)).replaceAll('{{.PodCIDR}}', podCIDRs[0] ?? '');
  text = text.replace(/\{\{index \.PodCIDRRanges (\d)\}\}/g, (_, i: string) => podCIDRs[Number(i)] ?? '');
  fs.writeFile(bridgeConfigPath, utf8(text));
  return true;
}

interface PluginConfig {
  readonly type?: string;
  readonly ipam?: {
    readonly type?: string;
    readonly subnet?: string;
    readonly ranges?: readonly (readonly { readonly subnet?: string }[])[];
  };
}

interface NetworkConfig {
  readonly name?: string;
  readonly plugins?: readonly PluginConfig[];
}

/**
 * Loads the first network configuration of a node, as containerd's CNI library does (containerd/go-cni, opts.go).
 * Undefined while there is none, which is when a node says NetworkPluginNotReady. Throws a `CniError` when it is broken.
 */
export function loadCniPlugin(fs: FileSystem, node: NodeNetwork): CniPlugin | undefined {
  const path = firstConfig(fs);
  if (path === undefined) return undefined;
  const text = fs.readFile(path);
  const before = loaded.get(node);
  if (before?.text === text) return before.links;
  const config = parseConfig(textOf(text), path);
  const plugin = config.plugins?.[0];
  if (!config.name || !plugin) throw new CniError(`error loading CNI config list file ${path}: no network name or no plugin`);
  const type = plugin.type ?? '';
  const find = blocks[type];
  if (!find || (type !== 'bridge' && !fs.find(`/opt/cni/bin/${type}`)))
    throw new CniError(`failed to find plugin "${type}" in path [/opt/cni/bin]`);
  if (type === 'bridge') setUpBridge(node, find(fs, node, plugin));
  const ofNode = (): readonly Block[] => podBlocks(find(fs, node, plugin));
  const isSame = before?.links.name === config.name && before.links.type === type;
  const links = isSame ? before.links : new PodLinks(node, { name: config.name, type, blocks: ofNode });
  links.blocks = ofNode;
  loaded.set(node, { text, links });
  return links;
}

/** Where each plugin finds the node's blocks of addresses. */
const blocks: Readonly<Record<string, (fs: FileSystem, node: NodeNetwork, config: PluginConfig) => readonly string[]>> = {
  bridge: (_fs, _node, { ipam }) => (hostLocal(ipam).ranges ?? []).map((set) => set[0]?.subnet ?? ''),
  flannel: subnetsOfFlannel,
  calico: (_fs, node, { ipam }) => {
    const { subnet, ranges } = hostLocal(ipam);
    return (ranges?.map((set) => set[0]?.subnet ?? '') ?? [subnet ?? '']).map((text) => calicoBlock(node, text));
  },
};

/** Calico's plugin knows two words beside blocks (projectcalico/calico, cni-plugin/internal/pkg/utils). */
function calicoBlock({ podCIDR, podCIDR6 }: NodeNetwork, text: string): string {
  if (text === 'usePodCidrIPv6') return podCIDR6?.text ?? '';
  return text === 'usePodCidr' ? ((podCIDR ?? podCIDR6)?.text ?? '') : text;
}

function hostLocal(ipam: PluginConfig['ipam']): NonNullable<PluginConfig['ipam']> {
  if (ipam?.type !== 'host-local') throw new CniError(`failed to find plugin "${ipam?.type ?? ''}" in path [/opt/cni/bin]`);
  return ipam;
}

/** flannel-io/cni-plugin, flannel_linux.go: the block comes from the daemon, and without it nothing works. */
function subnetsOfFlannel(fs: FileSystem): readonly string[] {
  if (!fs.find(flannelEnvironmentPath)) {
    throw new CniError(
      `plugin type="flannel" failed (add): failed to load flannel 'subnet.env' file: open ${flannelEnvironmentPath}: no such file or directory. Check the flannel pod log for this node.`,
    );
  }
  return [...textOf(fs.readFile(flannelEnvironmentPath)).matchAll(/^FLANNEL_(?:IPV6_)?SUBNET=(\S+)$/gm)].map((match) => match[1]!);
}

/** A node's leases outlive a restart of its runtime, as files in /var/lib/cni/networks do. With the text that it was loaded from. */
const loaded = new WeakMap<NodeNetwork, { readonly text: ByteString; readonly links: PodLinks }>();

function firstConfig(fs: FileSystem): string | undefined {
  try {
    const name = fs.list(cniConfigDirectory).find((entry) => /\.(conflist|conf|json)$/.test(basename(entry)));
    return name && `${cniConfigDirectory}/${name}`;
  } catch (error) {
    if (isErrno(error)) return undefined;
    throw error;
  }
}

function parseConfig(text: string, path: string): NetworkConfig {
  try {
    return JSON.parse(text) as NetworkConfig;
  } catch (error) {
    throw new CniError(`error loading CNI config file ${path}: error parsing configuration: ${(error as Error).message}`);
  }
}
