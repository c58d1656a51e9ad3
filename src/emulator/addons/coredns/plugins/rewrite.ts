import type { Call } from '../../../kernel/index.ts';
import type { DnsAnswer } from '../../../node/network/index.ts';
import type { CreatePlugin } from '../plugin.ts';

type Rule = (name: string) => string | undefined;

const dotted = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;

function ruleOf(args: readonly string[], fail: (problem: string) => never): Rule {
  const [kind = '', from = '', to = ''] = args.length === 2 ? ['exact', ...args] : args;
  if (from === '' || to === '') return fail('expected at least 2 arguments for rewrite name');
  switch (kind) {
    case 'exact':
      return (name) => (name === dotted(from) ? dotted(to) : undefined);
    case 'prefix':
      return (name) => (name.startsWith(from) ? to + name.slice(from.length) : undefined);
    case 'suffix':
      return (name) => (name.endsWith(dotted(from)) ? name.slice(0, -dotted(from).length) + dotted(to) : undefined);
    case 'substring':
      return (name) => (name.includes(from) ? name.replaceAll(from, to) : undefined);
    case 'regex':
      return regexRule(from, to, fail);
    default:
      return fail(`invalid rule type ${JSON.stringify(kind)}`);
  }
}

function regexRule(from: string, to: string, fail: (problem: string) => never): Rule {
  let pattern: RegExp;
  try {
    pattern = new RegExp(from);
  } catch {
    return fail(`invalid regex pattern in a name rule: ${from}`);
  }
  return (name) => {
    const match = pattern.exec(name);
    return match ? dotted(to.replace(/\{(\d+)\}/g, (_, group: string) => match[Number(group)] ?? '')) : undefined;
  };
}

/** Asks for another name than the client did, and answers under the client's: `rewrite [continue|stop] name [exact|prefix|suffix|substring|regex] FROM TO`. */
export const rewrite: CreatePlugin = ({ directive, fail }) => {
  const args = directive.args[0] === 'stop' || directive.args[0] === 'continue' ? directive.args.slice(1) : directive.args;
  const [field, ...rest] = args;
  // Differs from Kubernetes: of the rewrite plugin's fields only `name` is simulated.
  if (field !== 'name') return fail(`rewrite of ${field ?? 'nothing'} is not simulated here, only of name`);
  const words = rest.includes('answer') ? rest.slice(0, rest.indexOf('answer')) : rest;
  const rule = ruleOf(words, fail);
  return {
    name: 'rewrite',
    *serve(request, next): Call<DnsAnswer> {
      const { query, peer } = request;
      const name = rule(query.name.toLowerCase());
      if (name === undefined) return yield* next(request);
      const answer = yield* next({ query: { ...query, name }, peer });
      return {
        ...answer,
        answers: answer.answers.map((record) => (record.name.toLowerCase() === name ? { ...record, name: query.name } : record)),
      };
    },
  };
};
