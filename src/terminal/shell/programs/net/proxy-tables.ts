/** ipvsadm, ipset and nft: what kube-proxy's modes ipvs and nftables have programmed. They list; kube-proxy alone writes. */
import type { Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { NodeNetwork } from '../../../../emulator/node/network/index.ts';
import { familyOf, Namespace } from '../../../../emulator/node/network/index.ts';
import type { RuleTable } from '../../../../emulator/node/kube-proxy/index.ts';
import {
  ipSets,
  listIpSet,
  listRuleset,
  listVirtualServers,
  NodeTables,
  saveIpSet,
  saveRules,
} from '../../../../emulator/node/kube-proxy/index.ts';
import { getopt } from './getopt.ts';

/** The node whose root namespace this is. */
function nodeOf({ net }: Sys): NodeNetwork | undefined {
  return net instanceof Namespace && net.isRoot ? net.node : undefined;
}

/** On which node ports are. */
function addressesOf(node: NodeNetwork | undefined): readonly string[] {
  return node ? [node.ip4, node.gatewayIP, node.ip6, node.gatewayIP6].filter((ip) => ip !== undefined) : [];
}

function tablesOf(node: NodeNetwork | undefined): NodeTables | undefined {
  return node?.nat instanceof NodeTables ? node.nat : undefined;
}

/** Differs from Linux: rules are programmed by kube-proxy alone. */
const onlyLists = (tool: string, how: string): string => `${tool}: only listing is possible here (${how})\n`;

export const ipvsadm: Program = function* (sys) {
  const options = getopt(sys.argv.slice(1), { short: 'LlnS', long: { list: 'L', numeric: 'n', stats: 'stats', save: 'S' } });
  if ('problem' in options || options.operands.length > 0 || options.has('S')) {
    yield* sys.print(2, onlyLists('ipvsadm', '-L, -Ln, --stats'));
    return 2;
  }
  const node = nodeOf(sys);
  const nodeIPs = addressesOf(node);
  const text = listVirtualServers(tablesOf(node)?.ipvs, { nodeIPs, now: sys.kernel.loop.now, hasStats: options.has('stats') });
  yield* sys.print(1, text);
  return 0;
};

export const ipset: Program = function* (sys) {
  const args = sys.argv.slice(1);
  const isBrief = args.some((arg) => arg === '-n' || arg === '-name');
  const [command = '', name] = args.filter((arg) => arg !== '-n' && arg !== '-name');
  if (!/^(list|-L|--list|save|-S|--save)$/.test(command)) {
    yield* sys.print(2, onlyLists('ipset', 'list, save'));
    return 1;
  }
  const node = nodeOf(sys);
  const tables = tablesOf(node);
  const families = [...new Set(nodeOf(sys)?.namespace.addresses.map(familyOf))];
  const nodeIPs = addressesOf(node);
  const sets = families.flatMap((family) =>
    tables?.ipvs ? ipSets(tables.ipvs, { family, nodeIPs: nodeIPs.filter((ip) => familyOf(ip) === family) }) : [],
  );
  const shown = sets.filter((set) => name === undefined || set.name === name);
  if (name !== undefined && shown.length === 0) {
    yield* sys.print(2, 'ipset v7.17: The set with the given name does not exist\n');
    return 1;
  }
  const rules = tables ? families.map((family) => saveRules(tables, { family })).join('') : '';
  const isSave = /^(save|-S|--save)$/.test(command);
  const texts = shown.map((set) => (isSave ? saveIpSet(set) : isBrief ? `${set.name}\n` : listIpSet(set, rules)));
  yield* sys.print(1, texts.join(isSave || isBrief ? '' : '\n'));
  return 0;
};

/** One set, map or chain out of the whole ruleset. */
function blockOf(text: string, family: string, kind: string, name: string): string | undefined {
  const lines = text.split('\n');
  const from = lines.indexOf(`\t${kind} ${name} {`);
  if (from < 0) return undefined;
  const to = lines.indexOf('\t}', from);
  return `table ${family} kube-proxy {\n${lines.slice(from, to + 1).join('\n')}\n}\n`;
}

function* listNft(sys: Sys, table: RuleTable | undefined, node: NodeNetwork | undefined, words: readonly string[]) {
  const [what = '', ...rest] = words;
  const isSix = rest[0] === 'ip6';
  const four = table && node?.ip4 !== undefined ? listRuleset(table, node.ip4) : '';
  const six = table && node?.ip6 !== undefined ? listRuleset(table, node.ip6, 'IPv6') : '';
  const [family, text] = isSix ? ['ip6', six] : ['ip', four];
  const names = rest.filter((word) => word !== 'ip' && word !== 'ip6' && word !== 'inet');
  const missing = function* (): Generator<string, number, void> {
    yield* sys.print(2, `Error: No such file or directory\nlist ${words.join(' ')}\n`);
    return 1;
  };
  if (what === 'tables') yield* sys.print(1, `${four === '' ? '' : 'table ip kube-proxy\n'}${six === '' ? '' : 'table ip6 kube-proxy\n'}`);
  else if (what === 'ruleset') yield* sys.print(1, isSix ? six : rest[0] === 'ip' ? four : `${four}${six}`);
  else if (what === 'table' && names[0] === 'kube-proxy' && text !== '') yield* sys.print(1, text);
  else if (what === 'chains')
    yield* sys.print(
      1,
      table ? `table ${family} kube-proxy {\n${(text.match(/^\tchain .*$/gm) ?? []).map((line) => `${line}\n\t}\n`).join('')}}\n` : '',
    );
  else if (what === 'chain' || what === 'set' || what === 'map') {
    const block = names[0] === 'kube-proxy' ? blockOf(text, family!, what, names[1] ?? '') : undefined;
    if (block === undefined) return yield* missing();
    yield* sys.print(1, block);
  } else return yield* missing();
  return 0;
}

export const nft: Program = function* (sys) {
  const [command, ...words] = sys.argv.slice(1).filter((arg) => !/^-[an]+$/.test(arg));
  if (command !== 'list') {
    yield* sys.print(2, onlyLists('nft', 'list ruleset'));
    return 1;
  }
  const node = nodeOf(sys);
  return yield* listNft(sys, tablesOf(node)?.nftables, node, words);
};
