import type { ByteString, FileSystem } from '../../kernel/index.ts';
import { basename, isErrno, textOf, utf8 } from '../../kernel/index.ts';
import type { NodeNetwork } from '../network/index.ts';
import { parseCidr } from '../network/index.ts';
import { Bridge } from './bridge.ts';
import type { CniPlugin } from './plugin.ts';
import { CniError } from './plugin.ts';

export const cniConfigDirectory = '/etc/cni/net.d';

/** Where a node's configuration lies; the name decides the order when there are several. */
export const bridgeConfigPath = `${cniConfigDirectory}/10-bridge.conflist`;

/** Writes what the network add-on's installer leaves on a node: one network on a bridge, with this node's block. */
export function writeBridgeConfig(fs: FileSystem, subnet: string): void {
  const config = {
    cniVersion: '1.0.0',
    name: 'bridge',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipMasq: false,
        ipam: { type: 'host-local', ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
  fs.writeFile(bridgeConfigPath, utf8(`${JSON.stringify(config, null, 2)}\n`));
}

interface BridgeConfig {
  readonly name?: string;
  readonly plugins?: readonly {
    readonly type?: string;
    readonly ipam?: { readonly type?: string; readonly ranges?: readonly (readonly { readonly subnet?: string }[])[] };
  }[];
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
  if (before?.text === text) return before.bridge;
  const config = parseConfig(textOf(text), path);
  const plugin = config.plugins?.[0];
  if (!config.name || !plugin) throw new CniError(`error loading CNI config list file ${path}: no network name or no plugin`);
  if (plugin.type !== 'bridge') throw new CniError(`failed to find plugin "${plugin.type}" in path [/opt/cni/bin]`);
  if (plugin.ipam?.type !== 'host-local') throw new CniError(`failed to find plugin "${plugin.ipam?.type ?? ''}" in path [/opt/cni/bin]`);
  const subnet = plugin.ipam.ranges?.[0]?.[0]?.subnet ?? '';
  const isSame = before?.bridge.name === config.name && before.bridge.ipam.cidr.text === parseCidr(subnet)?.text;
  const bridge = isSame ? before.bridge : new Bridge(node, { name: config.name, subnet });
  loaded.set(node, { text, bridge });
  return bridge;
}

/** A node's leases outlive a restart of its runtime, as files in /var/lib/cni/networks do. With the text that it was loaded from. */
const loaded = new WeakMap<NodeNetwork, { readonly text: ByteString; readonly bridge: Bridge }>();

function firstConfig(fs: FileSystem): string | undefined {
  try {
    const name = fs.list(cniConfigDirectory).find((entry) => /\.(conflist|conf|json)$/.test(basename(entry)));
    return name && `${cniConfigDirectory}/${name}`;
  } catch (error) {
    if (isErrno(error)) return undefined;
    throw error;
  }
}

function parseConfig(text: string, path: string): BridgeConfig {
  try {
    return JSON.parse(text) as BridgeConfig;
  } catch (error) {
    throw new CniError(`error loading CNI config file ${path}: error parsing configuration: ${(error as Error).message}`);
  }
}
