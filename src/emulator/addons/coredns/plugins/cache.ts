import type { Call } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsRecord } from '../../../node/network/index.ts';
import type { CreatePlugin } from '../plugin.ts';
import { matchZone, zonesOf } from '../plugin.ts';

const capacity = 9984;

interface Entry {
  readonly answer: DnsAnswer;
  readonly storedMs: number;
  readonly expiresMs: number;
}

/** Remembers answers for at most so many seconds: `cache [TTL] [ZONES…]`, with `disable success|denial [ZONES…]`. */
export const cache: CreatePlugin = ({ sys, directive, zones, fail, counters }) => {
  const [first, ...rest] = directive.args;
  const hasTtl = first !== undefined && /^\d+$/.test(first);
  const maxTtl = hasTtl ? Number(first) : 3600;
  const denialTtl = hasTtl ? Number(first) : 1800;
  const own = zonesOf(hasTtl || first === undefined ? rest : [first, ...rest], zones);
  const disabled = { success: [] as readonly string[], denial: [] as readonly string[] };
  for (const line of directive.block) {
    const [type = '', ...names] = line.args;
    if (line.name === 'disable' && (type === 'success' || type === 'denial')) disabled[type] = zonesOf(names, ['.']);
    else if (line.name === 'success' || line.name === 'denial')
      continue; // Capacities: one for both here.
    else fail(`unknown property '${line.name}'`, line);
  }
  const entries = new Map<string, Entry>();

  const store = (key: string, answer: DnsAnswer): void => {
    const isDenial = answer.code === 'NXDOMAIN' || (answer.code === 'NOERROR' && answer.answers.length === 0);
    if (
      (!isDenial && answer.code !== 'NOERROR') ||
      matchZone(isDenial ? disabled.denial : disabled.success, key.slice(key.indexOf(' ') + 1)) !== undefined
    )
      return;
    const records = isDenial ? answer.authority : answer.answers;
    const ttl = Math.min(isDenial ? denialTtl : maxTtl, ...records.map((record) => record.ttl), records.length === 0 ? 5 : maxTtl);
    if (ttl <= 0) return;
    if (entries.size >= capacity) entries.delete(entries.keys().next().value!);
    entries.set(key, { answer, storedMs: sys.nowMs, expiresMs: sys.nowMs + ttl * 1000 });
  };

  return {
    name: 'cache',
    *serve(request, next): Call<DnsAnswer> {
      const { query } = request;
      if (matchZone(own, query.name) === undefined) return yield* next(request);
      const key = `${query.type} ${query.name.toLowerCase()}`;
      const entry = entries.get(key);
      if (entry && sys.nowMs < entry.expiresMs) {
        counters.add('coredns_cache_hits_total');
        // Some resolvers throw away what is not authoritative, so that what is cached is called so too (plugin/cache/item.go).
        return { ...aged(entry.answer, Math.floor((sys.nowMs - entry.storedMs) / 1000)), id: query.id, isAuthoritative: true };
      }
      counters.add('coredns_cache_misses_total');
      const answer = yield* next(request);
      store(key, answer);
      return answer;
    },
  };
};

function aged(answer: DnsAnswer, seconds: number): DnsAnswer {
  const age = (records: readonly DnsRecord[]) => records.map((record) => ({ ...record, ttl: Math.max(0, record.ttl - seconds) }));
  return { ...answer, answers: age(answer.answers), authority: age(answer.authority), additional: age(answer.additional) };
}
