import type { Call } from '../../../kernel/index.ts';
import { textOf } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsRecord } from '../../../node/network/index.ts';
import { canonicalIP, emptyAnswer, familyOf, reverseName } from '../../../node/network/index.ts';
import type { CreatePlugin } from '../plugin.ts';
import { matchZone, zonesOf } from '../plugin.ts';

/** Answers from a file like /etc/hosts and from lines in the Corefile: `hosts [FILE] [ZONES…] { ADDRESS NAME…; ttl; fallthrough }`. */
export const hosts: CreatePlugin = ({ sys, directive, zones, fail }) => {
  const isFile = directive.args[0]?.startsWith('/') ?? false;
  const path = isFile ? directive.args[0]! : '/etc/hosts';
  const own = zonesOf(isFile ? directive.args.slice(1) : directive.args, zones);
  const inline: (readonly string[])[] = [];
  let ttl = 3600;
  let fallthrough: readonly string[] | undefined;
  for (const line of directive.block) {
    if (canonicalIP(line.name) !== undefined) inline.push([line.name, ...line.args]);
    else if (line.name === 'ttl') ttl = Number(line.args[0]);
    else if (line.name === 'fallthrough') fallthrough = zonesOf(line.args, ['.']);
    else if (line.name !== 'no_reverse' && line.name !== 'reload') fail(`unknown property '${line.name}'`, line);
  }
  const hasReverse = !directive.block.some((line) => line.name === 'no_reverse');

  const lines = (): (readonly string[])[] => {
    const text = sys.fs.find(path) ? textOf(sys.fs.readFile(path)) : '';
    return [...text.split('\n').map((line) => line.replace(/#.*/, '').trim().split(/\s+/)), ...inline];
  };

  return {
    name: 'hosts',
    *serve(request, next): Call<DnsAnswer> {
      const { query } = request;
      if (matchZone(own, query.name) === undefined) return yield* next(request);
      const name = query.name.toLowerCase();
      const answers: DnsRecord[] = [];
      let isKnown = false;
      for (const [ip = '', ...names] of lines()) {
        const address = canonicalIP(ip);
        if (address === undefined) continue;
        if (names.some((candidate) => `${candidate.toLowerCase().replace(/\.$/, '')}.` === name)) {
          isKnown = true;
          const type = familyOf(address) === 'IPv6' ? 'AAAA' : 'A';
          if (query.type === type) answers.push({ name: query.name, type, ttl, data: address });
        }
        if (hasReverse && query.type === 'PTR' && name === reverseName(address))
          answers.push(...names.map((data) => ({ name: query.name, type: 'PTR' as const, ttl, data: `${data}.` })));
      }
      if (answers.length === 0 && !isKnown) {
        if (!fallthrough || matchZone(fallthrough, name) !== undefined) return yield* next(request);
        return { ...emptyAnswer(query, 'NXDOMAIN'), isAuthoritative: true };
      }
      return { ...emptyAnswer(query, 'NOERROR'), isAuthoritative: true, isRecursive: false, answers };
    },
  };
};
