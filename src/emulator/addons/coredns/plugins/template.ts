import type { Call } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsQuery, DnsRecord, RecordType, ResponseCode } from '../../../node/network/index.ts';
import { emptyAnswer } from '../../../node/network/index.ts';
import type { CreatePlugin } from '../plugin.ts';
import { matchZone, zonesOf } from '../plugin.ts';
import { goRegExp } from './go-regexp.ts';

interface Facts {
  readonly query: DnsQuery;
  readonly zone: string;
  readonly match: RegExpExecArray;
}

type Template = (facts: Facts) => string;

const codes: readonly ResponseCode[] = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** One `{{ … }}`; undefined for what this small reader of Go's templates does not know. */
function expression(text: string): Template | undefined {
  const [, index] = /^index \.Match (\d+)$/.exec(text) ?? [];
  if (index !== undefined) return ({ match }) => match[Number(index)] ?? '';
  const [, group] = /^\.Group\.(\w+)$/.exec(text) ?? [];
  if (group !== undefined) return ({ match }) => match.groups?.[group] ?? '<no value>';
  switch (text) {
    case '.Name':
    case '.Question.Name':
      return ({ query }) => query.name.toLowerCase();
    case '.Type':
      return ({ query }) => query.type;
    case '.Class':
      return () => 'IN';
    case '.Zone':
      return ({ zone }) => zone;
    default:
      return undefined;
  }
}

/** Differs from Kubernetes: of Go's templates only `.Name`, `.Type`, `.Class`, `.Zone`, `.Group.NAME` and `index .Match N` are understood. */
function compile(text: string, fail: (problem: string) => never): Template {
  const parts = text.split(/(\{\{.*?\}\})/).map((part): Template => {
    const [, inner] = /^\{\{-?\s*(.*?)\s*-?\}\}$/.exec(part) ?? [];
    if (inner === undefined) return () => part;
    return expression(inner) ?? fail(`could not compile template: ${text}, template: answer:1: unexpected "${inner}"`);
  });
  return (facts) => parts.map((part) => part(facts)).join('');
}

/** `NAME TTL CLASS TYPE DATA`, TTL and class as one likes. */
function parseRecord(text: string): DnsRecord | undefined {
  const [name, ...rest] = text.trim().split(/\s+/);
  let ttl = 3600;
  while (rest[0] !== undefined && (/^\d+$/.test(rest[0]) || rest[0] === 'IN')) {
    const word = rest.shift()!;
    if (word !== 'IN') ttl = Number(word);
  }
  const type = rest.shift();
  return name === undefined || type === undefined || rest.length === 0
    ? undefined
    : { name, ttl, type: type as RecordType, data: rest.join(' ') };
}

/** Answers made from the question: `template CLASS TYPE [ZONE…] { match REGEX…; answer RR; rcode CODE; fallthrough }`. */
export const template: CreatePlugin = ({ directive, zones, fail, log }) => {
  const [cls, type, ...names] = directive.args;
  if (cls === undefined || type === undefined) fail(`Wrong argument count or unexpected line ending after '${type ?? cls ?? 'template'}'`);
  if (cls !== 'IN' && cls !== 'ANY') fail(`invalid query class ${cls}`);
  const own = zonesOf(names, zones);
  const patterns: RegExp[] = [];
  const sections: Record<'answer' | 'additional' | 'authority', Template[]> = { answer: [], additional: [], authority: [] };
  let code: ResponseCode = 'NOERROR';
  let fallthrough: readonly string[] | undefined;
  for (const line of directive.block) {
    const failHere = (problem: string): never => fail(problem, line);
    if (line.name === 'match')
      for (const text of line.args) patterns.push(goRegExp(text) ?? failHere(`could not parse regex: ${text}, invalid syntax`));
    else if (line.name === 'answer' || line.name === 'additional' || line.name === 'authority')
      for (const text of line.args) sections[line.name].push(compile(text, failHere));
    else if (line.name === 'rcode') {
      const wanted = line.args[0] ?? '';
      code = codes.includes(wanted as ResponseCode) ? (wanted as ResponseCode) : failHere(`unknown rcode ${wanted}`);
    } else if (line.name === 'fallthrough') fallthrough = zonesOf(line.args, ['.']);
    else if (line.name !== 'upstream' && line.name !== 'ederror')
      failHere(`Wrong argument count or unexpected line ending after '${line.name}'`);
  }
  if (sections.answer.length === 0 && sections.authority.length === 0 && code === 'NOERROR') fail('no answer section for template found');
  if (patterns.length === 0) patterns.push(/.*/);
  const records = (templates: readonly Template[], facts: Facts): readonly DnsRecord[] | undefined => {
    const made = templates.map((one) => parseRecord(one(facts)));
    return made.includes(undefined) ? undefined : (made as DnsRecord[]);
  };
  return {
    name: 'template',
    *serve(request, next): Call<DnsAnswer> {
      const { query } = request;
      const zone = matchZone(own, query.name);
      const match = patterns.map((pattern) => pattern.exec(query.name.toLowerCase())).find((found) => found !== null);
      if (zone === undefined || (type !== 'ANY' && type !== query.type)) return yield* next(request);
      if (!match) {
        const goesOn = fallthrough !== undefined && matchZone(fallthrough, query.name) !== undefined;
        return goesOn ? yield* next(request) : emptyAnswer(query, 'NXDOMAIN');
      }
      const facts: Facts = { query, zone, match };
      const [answers, authority, additional] = [sections.answer, sections.authority, sections.additional].map((one) => records(one, facts));
      if (!answers || !authority || !additional) {
        log('ERROR', `plugin/errors: 2 ${query.name} ${query.type}: dns: not a record of a zone file`);
        return emptyAnswer(query, 'SERVFAIL');
      }
      if (code === 'SERVFAIL' || code === 'REFUSED' || code === 'FORMERR' || code === 'NOTIMP') return emptyAnswer(query, code);
      return { ...emptyAnswer(query, code), isAuthoritative: true, answers, authority, additional };
    },
  };
};
