import type { AccessDecision, LookedAt } from '../../emulator/control-plane/kube-apiserver/authorization/explain.ts';
import { isAccessDecision, missingWords, whereWords } from '../../emulator/control-plane/kube-apiserver/authorization/explain.ts';
import type { Call, Decision, Sys } from '../../emulator/kernel/index.ts';
import { humanDuration } from '../../emulator/machinery/duration.ts';

/** Prints why the latest requests of a user were allowed or refused. */
export function* whyAccess(sys: Sys, user: string, isAll: boolean): Call<number> {
  const decisions = (sys.kernel.decisions?.about('users', undefined, user) ?? []).filter(({ data }) => isAccessDecision(data));
  if (decisions.length === 0) {
    yield* sys.print(2, `why: nobody has asked for anything as ${user}. Try: kubectl get pods --as=${user}\n`);
    return 1;
  }
  const now = sys.kernel.loop.now;
  const shown = isAll ? decisions : decisions.slice(-1);
  const earlier = decisions.slice(0, -shown.length).map((decision) => `${headOf(decision, now)}\n`);
  yield* sys.print(1, [...earlier, ...shown.map((decision) => textOf(decision, now))].join(isAll ? '\n' : ''));
  return 0;
}

function headOf({ data, atMs }: Decision, now: number): string {
  const { verb, resource, namespace, name, isAllowed } = data as AccessDecision;
  const where = namespace === '' ? '' : ` in ${namespace}`;
  return `${humanDuration(now - atMs)} ago: ${verb} ${resource}${name === '' ? '' : ` ${name}`}${where}: ${isAllowed ? 'allowed' : 'forbidden'}`;
}

function textOf(decision: Decision, now: number): string {
  const access = decision.data as AccessDecision;
  const who = `  as ${access.user}, of the groups ${access.groups.join(', ')}\n`;
  return `${headOf(decision, now)}\n${who}${access.isAllowed ? allowed(access) : refused(access)}`;
}

function allowed({ rules: [rule], reason }: AccessDecision): string {
  // The Node authorizer has no bindings.
  if (!rule) return `  ${reason === '' ? 'by an authorizer other than RBAC' : reason}\n`;
  return `  by ${rule.binding}, which gives ${rule.role} to ${rule.subject}\n  the rule: ${rule.rule}\n`;
}

function refused(access: AccessDecision): string {
  const { rules, namespace, elsewhere, reason, isDenied } = access;
  const words = reason.replaceAll('\n', '; ');
  if (isDenied) return `  A webhook denied it, so that RBAC was not asked${words === '' ? '.' : `: ${words}`}\n`;
  const said = words === '' ? '' : `  What an authorizer said: ${words}\n`;
  const looked =
    rules.length === 0
      ? `  No binding ${whereWords(namespace)} names this user or a group of theirs.\n`
      : `  The rules that were looked at, and what each does not cover:\n${rules.map(lineOf).join('')}`;
  const other = elsewhere.length === 0 ? '' : `  It would be allowed in ${elsewhere.join(', ')}.\n`;
  return `${said}${looked}${other}  ${missingWords(access)}\n`;
}

function lineOf({ binding, role, subject, rule, lacks }: LookedAt): string {
  return `  - ${rule}: not the ${lacks.join(', ')}\n      ${binding} gives ${role} to ${subject}\n`;
}
