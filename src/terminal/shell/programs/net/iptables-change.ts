/**
 * What of iptables changes rules: `-A`, `-I`, `-D` and `-F` in the chains INPUT, FORWARD and OUTPUT of the table filter.
 *
 * Differs from Linux: rules that kube-proxy has programmed are its own; `-F` leaves them, where it would write them again.
 */
import type { Call, Sys } from '../../../../emulator/kernel/index.ts';
import type { Block, FilterChain, FilterRule } from '../../../../emulator/node/network/index.ts';
import { filterChains, Namespace, parseBlock } from '../../../../emulator/node/network/index.ts';

const commands: Readonly<Record<string, 'A' | 'I' | 'D' | 'F'>> = {
  '-A': 'A',
  '--append': 'A',
  '-I': 'I',
  '--insert': 'I',
  '-D': 'D',
  '--delete': 'D',
  '-F': 'F',
  '--flush': 'F',
};

export const isChange = (arg: string): boolean => Object.hasOwn(commands, arg);

const help = "Try `iptables -h' or 'iptables --help' for more information.\n";
const version = 'iptables v1.8.9 (nf_tables)';

/** What is wrong with the command line, and the exit code that goes with it. */
class Refusal extends Error {
  readonly code: number;

  constructor(message: string, code = 2) {
    super(message);
    this.code = code;
  }
}

function blockOf(text: string): Block {
  const block = parseBlock(text.includes('/') ? text : `${text}${text.includes(':') ? '/128' : '/32'}`);
  if (!block) throw new Refusal(`${version}: host/network \`${text}' not found\n${help}`);
  return block;
}

const protocols: Readonly<Record<string, FilterRule['protocol']>> = { tcp: 'TCP', udp: 'UDP', icmp: 'ICMP', all: undefined };
const verdicts: readonly string[] = ['ACCEPT', 'DROP', 'REJECT'];

interface Draft {
  source?: Block;
  destination?: Block;
  protocol?: string;
  port?: number;
  comment?: string;
  verdict?: string;
}

/** Reads the matches and the target of a rule. */
function readRule(chain: FilterChain, words: readonly string[]): FilterRule {
  const draft: Draft = {};
  for (let i = 0; i < words.length; i += 2) {
    const [flag, value] = [words[i]!, words[i + 1]];
    if (value === undefined) throw new Refusal(`${version}: option "${flag}" requires an argument\n${help}`);
    if (flag === '-s' || flag === '--source') draft.source = blockOf(value);
    else if (flag === '-d' || flag === '--destination') draft.destination = blockOf(value);
    else if (flag === '-p' || flag === '--protocol') draft.protocol = value.toLowerCase();
    else if (flag === '--dport' || flag === '--destination-port') draft.port = Number(value);
    else if (flag === '--comment') draft.comment = value;
    else if (flag === '-j' || flag === '--jump') draft.verdict = value;
    else if (flag === '-m' || flag === '--match') {
      // Differs from Linux: rules match by addresses, protocol and destination port alone.
      if (!['tcp', 'udp', 'icmp', 'comment'].includes(value))
        throw new Refusal(`${version}: Couldn't load match \`${value}':No such file or directory\n\n${help}`);
    } else throw new Refusal(`${version}: unknown option "${flag}"\n${help}`);
  }
  return finish(chain, draft);
}

function finish(chain: FilterChain, { source, destination, protocol = 'all', port, comment, verdict }: Draft): FilterRule {
  if (!Object.hasOwn(protocols, protocol)) throw new Refusal(`${version}: unknown protocol "${protocol}" specified\n${help}`);
  if (port !== undefined && protocol !== 'tcp' && protocol !== 'udp') throw new Refusal(`${version}: unknown option "--dport"\n${help}`);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535))
    throw new Refusal(`${version}: invalid port/service specified\n${help}`);
  if (verdict === undefined) throw new Refusal(`${version}: a rule without a target only counts, which is not possible here\n`);
  if (!verdicts.includes(verdict)) throw new Refusal(`${version}: Chain '${verdict}' does not exist\n${help}`);
  const text = [
    source && `-s ${source.text}`,
    destination && `-d ${destination.text}`,
    protocol !== 'all' && `-p ${protocol}`,
    port !== undefined && `-m ${protocol} --dport ${port}`,
    comment !== undefined && `-m comment --comment ${/\s/.test(comment) ? JSON.stringify(comment) : comment}`,
    `-j ${verdict}`,
    verdict === 'REJECT' && '--reject-with icmp-port-unreachable',
  ].filter(Boolean);
  return {
    chain,
    source,
    destination,
    protocol: protocols[protocol],
    port,
    verdict: verdict as FilterRule['verdict'],
    text: text.join(' '),
  };
}

function chainOf(text: string | undefined): FilterChain {
  if ((filterChains as readonly (string | undefined)[]).includes(text)) return text as FilterChain;
  // Differs from Linux: other chains are kube-proxy's alone.
  throw new Refusal('iptables: No chain/target/match by that name.\n', 1);
}

/** Where in the list of all chains the n-th rule of one stands; at its end if there is none. */
function placeOf(rules: readonly FilterRule[], chain: FilterChain, number: number): number {
  const at = rules.flatMap((rule, i) => (rule.chain === chain ? [i] : []))[number - 1];
  return at ?? rules.length;
}

function apply(rules: FilterRule[], command: 'A' | 'I' | 'D' | 'F', words: readonly string[]): void {
  if (command === 'F') {
    const chain = words[0] === undefined ? undefined : chainOf(words[0]);
    rules.splice(0, rules.length, ...rules.filter((rule) => chain !== undefined && rule.chain !== chain));
    return;
  }
  const chain = chainOf(words[0]);
  const number = /^\d+$/.test(words[1] ?? '') ? Number(words[1]) : undefined;
  if (command === 'D' && number !== undefined) {
    const at = placeOf(rules, chain, number);
    if (number === 0 || at === rules.length) throw new Refusal('iptables: Index of deletion too big.\n', 1);
    rules.splice(at, 1);
    return;
  }
  const rule = readRule(chain, words.slice(number === undefined ? 1 : 2));
  if (command === 'A') rules.push(rule);
  else if (command === 'I') rules.splice(placeOf(rules, chain, number ?? 1), 0, rule);
  else {
    const at = rules.findIndex((one) => one.chain === chain && one.text === rule.text);
    if (at < 0) throw new Refusal('iptables: Bad rule (does a matching rule exist in that chain?).\n', 1);
    rules.splice(at, 1);
  }
}

export function* changeRules(sys: Sys, command: string): Call<number> {
  const args = sys.argv.slice(1).filter((arg) => arg !== '-w' && arg !== '--wait');
  const tableAt = args.findIndex((arg) => arg === '-t' || arg === '--table');
  const [, table] = tableAt < 0 ? [] : args.splice(tableAt, 2);
  const { net } = sys;
  try {
    if (!(net instanceof Namespace) || !net.isRoot)
      throw new Refusal(`${version}: Could not fetch rule set generation id: Permission denied (you must be root)\n`, 4);
    if (table !== undefined && table !== 'filter') throw new Refusal(`${version}: only rules of the table filter can be changed here\n`, 2);
    const words = args.filter((arg) => arg !== command);
    net.node.setFirewall((rules) => apply(rules, commands[command]!, words));
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    yield* sys.print(2, error.message);
    return error.code;
  }
}
