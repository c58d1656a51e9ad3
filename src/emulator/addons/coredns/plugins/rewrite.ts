import type { Call } from '../../../kernel/index.ts';
import type { DnsAnswer, DnsRecord, RecordType } from '../../../node/network/index.ts';
import type { Directive } from '../corefile.ts';
import type { CreatePlugin, Plugin } from '../plugin.ts';
import { goRegExp } from './go-regexp.ts';

/** What a query becomes, undefined if the rule does not apply. */
type NameRule = (name: string) => string | undefined;
type Fail = (problem: string, at?: Directive) => never;
type AnswerRule = (record: DnsRecord) => DnsRecord;

const dotted = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;

function nameRule(kind: string, from: string, to: string, fail: Fail): NameRule {
  switch (kind) {
    case 'exact':
      return (name) => (name === dotted(from) ? dotted(to) : undefined);
    case 'prefix':
      return (name) => (name.startsWith(from) ? to + name.slice(from.length) : undefined);
    case 'suffix':
      return (name) => (name.endsWith(dotted(from)) ? name.slice(0, -dotted(from).length) + dotted(to) : undefined);
    case 'substring':
      return (name) => (name.includes(from) ? name.replaceAll(from, to) : undefined);
    case 'regex': {
      const replace = regexReplacer(from, to, fail);
      return (name) => replace(name);
    }
    default:
      return fail(`invalid rule type ${JSON.stringify(kind)}`);
  }
}

function regexReplacer(from: string, to: string, fail: Fail): (text: string) => string | undefined {
  const pattern = goRegExp(from);
  if (!pattern) return fail(`invalid regex pattern in a name rule: ${from}`);
  return (text) => {
    const match = pattern.exec(text);
    return match ? dotted(to.replace(/\{(\d+)\}/g, (_, group: string) => match[Number(group)] ?? '')) : undefined;
  };
}

/** What is done to the records of an answer. */
interface AnswerRules {
  isAuto: boolean;
  readonly rules: AnswerRule[];
}

/** `answer auto`, `answer name FROM TO`, `answer value FROM TO`. */
function addAnswer(words: readonly string[], answers: AnswerRules, fail: Fail): void {
  const [what = '', from, to] = words;
  if (what === 'auto') {
    answers.isAuto = true;
    return;
  }
  const isNamed = what === 'name' || what === 'value';
  const [pattern, target] = isNamed ? [from, to] : [what, from];
  if (pattern === undefined || target === undefined) return fail('failed to parse response rewrite options');
  const replace = regexReplacer(pattern, target, fail);
  answers.rules.push(
    what === 'value'
      ? (record) => ({ ...record, data: isName(record.type) ? (replace(record.data) ?? record.data) : record.data })
      : (record) => ({ ...record, name: replace(record.name.toLowerCase()) ?? record.name }),
  );
}

const isName = (type: RecordType): boolean => type === 'CNAME' || type === 'PTR' || type === 'NS';

interface Rule {
  readonly name: NameRule;
  readonly answers: AnswerRules;
}

/** `name [KIND] FROM TO [answer …]…`, and the answers of a block. */
function readNameRule(args: readonly string[], block: readonly Directive[], fail: Fail): Rule {
  const answersAt = args.indexOf('answer');
  const words = answersAt < 0 ? args : args.slice(0, answersAt);
  const [kind = '', from = '', to = ''] = words.length === 2 ? ['exact', ...words] : words;
  if (from === '' || to === '') fail('expected at least 2 arguments for rewrite name');
  // A whole name is always put back; other kinds are asked for it.
  const answers: AnswerRules = { isAuto: kind === 'exact', rules: [] };
  const options = answersAt < 0 ? '' : args.slice(answersAt).join(' ');
  for (const one of options.split(/\banswer\b/).slice(1)) addAnswer(one.trim().split(/\s+/), answers, fail);
  for (const line of block) if (line.name === 'answer') addAnswer(line.args, answers, fail);
  return { name: nameRule(kind, from, to, fail), answers };
}

function rewriteAnswer(answer: DnsAnswer, { isAuto, rules }: AnswerRules, asked: string, name: string): DnsAnswer {
  if (!isAuto && rules.length === 0) return answer;
  const restore: AnswerRule = (record) => (record.name.toLowerCase() === name ? { ...record, name: asked } : record);
  const all = isAuto ? [restore, ...rules] : rules;
  return { ...answer, answers: answer.answers.map((record) => all.reduce((one, rule) => rule(one), record)) };
}

function ttlOf(text: string | undefined, fail: Fail): number {
  const ttl = Number(text);
  return Number.isInteger(ttl) && ttl >= 0 ? ttl : fail(`invalid TTL value: ${text ?? ''}`);
}

/**
 * Asks for another name, or type, than the client did, and answers under the client's; or gives answers another TTL. A rule that applied is
 * the last one, unless it says `continue` (plugin/rewrite).
 */
export const rewrite: CreatePlugin = ({ directive, fail }) => {
  const first = directive.args[0];
  const mode = first === 'continue' ? 'continue' : 'stop';
  const args = first === 'stop' || first === 'continue' ? directive.args.slice(1) : directive.args;
  const inner = args.length === 0 ? directive.block.find(({ name }) => name !== 'answer') : undefined;
  const [field, ...rest] = inner ? [inner.name, ...inner.args] : args;
  const block = directive.block.filter((line) => line !== inner);
  const serveOther = (change: (answer: DnsAnswer) => DnsAnswer, type?: readonly [string, string]): Plugin => ({
    name: 'rewrite',
    *serve(request, next): Call<DnsAnswer> {
      if (request.isRewritten || (type && request.query.type !== type[0])) return yield* next(request);
      const query = type ? { ...request.query, type: type[1] as RecordType } : request.query;
      return change(yield* next({ ...request, query, isRewritten: mode === 'stop' && type !== undefined }));
    },
  });
  if (field === 'type') return serveOther((answer) => answer, [rest[0]?.toUpperCase() ?? '', rest[1]?.toUpperCase() ?? '']);
  if (field === 'ttl') {
    const [kind, from, seconds] = rest.length === 2 ? ['exact', ...rest] : rest;
    const [matches, ttl] = [nameRule(kind ?? '', from ?? '', 'x', fail), ttlOf(seconds, fail)];
    return serveOther((answer) => ({
      ...answer,
      answers: answer.answers.map((record) => (matches(record.name.toLowerCase()) === undefined ? record : { ...record, ttl })),
    }));
  }
  // Differs from Kubernetes: of the fields of the rewrite plugin only name, type and ttl are simulated.
  if (field !== 'name') return fail(`rewrite of ${field ?? 'nothing'} is not simulated here, only of name, type and ttl`);
  const rule = readNameRule(rest, block, fail);
  return {
    name: 'rewrite',
    *serve(request, next): Call<DnsAnswer> {
      const { query } = request;
      const name = request.isRewritten ? undefined : rule.name(query.name.toLowerCase());
      if (name === undefined) return yield* next(request);
      const answer = yield* next({ ...request, query: { ...query, name }, isRewritten: mode === 'stop' });
      return rewriteAnswer(answer, rule.answers, query.name, name);
    },
  };
};
