/** tc: the queueing discipline of a machine's link, as iproute2 shows and sets it; of the disciplines netem alone. */
import type { Program } from '../../../../emulator/kernel/index.ts';
import type { Netem } from '../../../../emulator/node/network/index.ts';
import { Namespace } from '../../../../emulator/node/network/index.ts';

const usage =
  'Usage: tc qdisc show [ dev DEV ]\n       tc qdisc { add | change | replace } dev DEV root netem [ delay TIME ] [ loss PERCENT ]\n       tc qdisc del dev DEV root\n';

const unitMs: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function parseDelay(text = ''): number | undefined {
  const [, amount, unit = 'us'] = /^(\d+(?:\.\d+)?)(us|ms|s)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * unitMs[unit]!;
}

function parsePercent(text = ''): number | undefined {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1] ?? Number.NaN);
  return percent <= 100 ? percent / 100 : undefined;
}

/** What stands behind `netem`; undefined when it cannot be read. */
function parseNetem(words: readonly string[]): Netem | undefined {
  let [delayMs, loss] = [0, 0];
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i] === 'delay' ? parseDelay(words[i + 1]) : words[i] === 'loss' ? parsePercent(words[i + 1]) : undefined;
    if (value === undefined) return undefined;
    if (words[i] === 'delay') delayMs = value;
    else loss = value;
  }
  return { delayMs, loss };
}

function netemText({ delayMs, loss }: Netem): string {
  const delay = delayMs === 0 ? '' : ` delay ${delayMs >= 1000 ? `${delayMs / 1000}s` : `${delayMs}ms`}`;
  return `limit 1000${delay}${loss === 0 ? '' : ` loss ${Math.round(loss * 1_000_000) / 10_000}%`}`;
}

function shown({ node }: Namespace, device: string | undefined): string {
  const of = (name: string, kind: string, rest: string): string =>
    device !== undefined && device !== name ? '' : `qdisc ${kind} ${device === undefined ? `dev ${name} ` : ''}root refcnt 2 ${rest}\n`;
  const eth0 = node.netem ? of('eth0', 'netem 8001:', netemText(node.netem)) : of('eth0', 'noqueue 0:', '');
  return of('lo', 'noqueue 0:', '') + eth0;
}

/** The end of a command that changes something: nothing, or what the kernel says. */
function change(namespace: Namespace, verb: string, words: readonly string[]): string | undefined {
  const { node } = namespace;
  const at = words.indexOf('dev');
  const device = at < 0 ? undefined : words[at + 1];
  const rest = words.filter((_, i) => at < 0 || (i !== at && i !== at + 1));
  if (device !== 'eth0') return device === undefined ? usage : `Cannot find device "${device}"\n`;
  if (rest[0] !== 'root') return usage;
  if (verb === 'del') {
    if (!node.netem) return 'Error: Cannot delete qdisc with handle of zero.\n';
    node.shape(undefined);
    return undefined;
  }
  // Differs from Linux: of the queueing disciplines netem alone is known, with a fixed delay and loss by chance.
  if (rest[1] !== 'netem') return `Unknown qdisc "${rest[1] ?? ''}", hence option "${rest[2] ?? ''}" is unparsable\n`;
  const netem = parseNetem(rest.slice(2));
  if (!netem) return `What is "${rest.slice(2).join(' ')}"?\n${usage}`;
  if (verb === 'add' && node.netem) return 'Error: Exclusivity flag on, cannot modify.\n';
  if (verb === 'change' && !node.netem) return 'Error: Qdisc not found. To create specify NLM_F_CREATE flag.\n';
  node.shape(netem);
  return undefined;
}

export const tc: Program = function* (sys) {
  const [object = '', verb = 'show', ...words] = sys.argv.slice(1).filter((word) => !/^-/.test(word));
  const { net } = sys;
  if (!(net instanceof Namespace)) throw new Error('tc needs the wire');
  if (object === '' || !'qdisc'.startsWith(object)) {
    yield* sys.print(2, object === '' ? usage : `Object "${object}" is unknown, try "tc help".\n`);
    return 1;
  }
  if (['show', 'list', 'ls'].includes(verb)) {
    const at = words.indexOf('dev');
    yield* sys.print(1, net.isRoot ? shown(net, at < 0 ? undefined : words[at + 1]) : '');
    return 0;
  }
  const problem = ['add', 'change', 'replace', 'del', 'delete'].includes(verb)
    ? net.isRoot
      ? change(net, verb.slice(0, 3) === 'del' ? 'del' : verb, words)
      : 'RTNETLINK answers: Operation not permitted\n'
    : `Command "${verb}" is unknown, try "tc qdisc help".\n`;
  if (problem === undefined) return 0;
  yield* sys.print(2, problem);
  return problem.startsWith('Error') || problem.startsWith('RTNETLINK') ? 2 : 1;
};
