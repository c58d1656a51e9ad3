/** The stations of a packet's path, in the words of those who draw or list it. Made only while somebody listens. */
import type { Kernel, PacketHop } from '../../kernel/index.ts';
import { basename, Process } from '../../kernel/index.ts';
import { hostPort } from '../../machinery/ipv6.ts';
import type { Packet } from './packet.ts';

/** A station at which a packet is now, with the addresses that it bears there. */
export function hopOf(
  packet: Packet,
  kind: PacketHop['kind'],
  node: string,
  text: string,
  more: { readonly device?: string | undefined; readonly policies?: PacketHop['policies'] } = {},
): PacketHop {
  const { sourceIP, ownSource, ip, port, protocol } = packet;
  return { kind, node, text, source: sourceIP || ownSource, destination: protocol === 'ICMP' ? ip : hostPort(ip, port), ...more };
}

/** The program that is running, as a path names it last; '' for a part of the emulator that is no process. */
export function runningProgram({ current }: Kernel): string {
  return current instanceof Process ? basename(current.argv[0] ?? '') : '';
}

/** How an answer finds its way: back, with what was rewritten undone. */
export function answerText(hops: readonly PacketHop[]): string {
  const [first, last] = [hops[0]!, hops.at(-1)!];
  const back = first.source !== '' && first.source !== last.source ? ` and the destination ${first.source}` : '';
  return first.destination === last.destination && back === ''
    ? 'the answer goes back the same way'
    : `the answer goes back the same way; conntrack gives it the source ${first.destination}${back} again`;
}

/** Where a packet's way ended, in a sentence. */
export function whyOf(hops: readonly PacketHop[], outcome: string): string {
  const last = hops.at(-1);
  if (last && (last.kind === 'loss' || last.kind === 'refusal')) return `${capitalised(last.text)}.`;
  const target = reachedBy(hops);
  return target === undefined ? `It ended with ${outcome}.` : `It reached ${target}.`;
}

/** A name stays as it is. */
const capitalised = (text: string): string => (/^[a-z]+ /.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text);

/** Whose namespace a packet came to: `default/web`, `node-1`. */
export function reachedBy(hops: readonly PacketHop[]): string | undefined {
  return hops.findLast(({ kind }) => kind === 'arrival')?.text;
}
