/** kubectl certificate approve | deny. Upstream: kubectl/pkg/cmd/certificates/certificates.go. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { formatTime } from '../../../../emulator/kernel/index.ts';
import { isConflict, isNotFound } from '../../../../emulator/machinery/status-error.ts';
import type { Command } from '../../command.ts';
import { completeNamesOf } from '../../completion.ts';
import { AggregateFailure, CommandError, messageOf } from '../../errors.ts';
import { commandHelp } from '../../help.ts';
import { fileFlags, printFlags } from '../../flag-groups.ts';
import { flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { reportPrinter } from '../../printers/print-flags.ts';
import { builderFlags, hasFiles, select } from '../../resources/builder.ts';

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

interface Verdict {
  readonly type: 'Approved' | 'Denied';
  readonly opposite: string;
  readonly operation: string;
  readonly reason: string;
  readonly message: string;
}

function verdictCommand(name: string, short: string, verdict: Verdict): Command {
  return {
    name,
    short,
    usage: `certificate ${name} (-f FILENAME | NAME)`,
    examples: [`certificate ${name} csr-sqgzp`],
    flags: [...printFlags, ...fileFlags, flag('force', 'bool', false, `Write the request even if it is ${verdict.operation} already.`)],
    complete: completeNamesOf('certificatesigningrequests'),
    run: (invocation) => judge(invocation, verdict),
  };
}

function* judge(invocation: Invocation, verdict: Verdict): Call<number> {
  const { args } = invocation;
  const print = yield* reportPrinter(invocation);
  if (args.length === 0 && !hasFiles(invocation)) throw new CommandError('one or more CSRs must be specified as <name> or -f <filename>');
  const { targets, errors } = yield* select(invocation, {
    ...builderFlags(invocation),
    latest: true,
    defaultType: 'certificatesigningrequests',
  });
  const failures: unknown[] = [...errors];
  for (const { object, name } of targets) {
    try {
      if (object.kind !== 'CertificateSigningRequest') {
        const group = object.apiVersion.includes('/') ? object.apiVersion.replace(/\/.*/, '') : '';
        throw new CommandError(
          `can only handle CertificateSigningRequest.certificates.k8s.io objects, got ${[object.kind, group].filter((part) => part).join('.')}`,
        );
      }
      yield* write(invocation, name, verdict);
      yield* invocation.out(print(object, verdict.operation));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateFailure(failures);
  if (targets.length === 0) yield* invocation.out('No resources found\n');
  return 0;
}

function* write(invocation: Invocation, name: string, { type, opposite, reason, message }: Verdict): Call<void> {
  const { client, flags, sys } = invocation;
  for (let attempt = 0; ; attempt++) {
    const request: Json = yield* read(invocation, name);
    const conditions: readonly Json[] = request.status?.conditions ?? [];
    if (conditions.some((condition) => condition.type === opposite))
      throw new CommandError(`certificate signing request ${JSON.stringify(name)} is already ${opposite}`);
    const has = conditions.some((condition) => condition.type === type);
    if (has && !flags.bool('force')) return;
    const lastUpdateTime = formatTime(sys.kernel.clock.unixMs);
    const added = has ? [] : [{ type, status: 'True', reason, message, lastUpdateTime }];
    try {
      yield* client.request({
        method: 'PUT',
        path: `${path}/${name}/approval`,
        body: { ...request, status: { ...request.status, conditions: [...conditions, ...added] } },
      });
      return;
    } catch (error) {
      if (!isConflict(error) || attempt >= 10) throw error;
    }
  }
}

function* read(invocation: Invocation, name: string): Call<Json> {
  try {
    return yield* invocation.client.request({ method: 'GET', path: `${path}/${name}` });
  } catch (error) {
    throw isNotFound(error) ? new CommandError(`could not find v1 version of ${name}: ${messageOf(error)}`) : error;
  }
}

export const certificate: Command = {
  name: 'certificate',
  short: 'Modify certificate resources',
  usage: 'certificate SUBCOMMAND',
  // Whatever stands behind it, its help is printed.
  *run(invocation) {
    yield* invocation.out(commandHelp(invocation.command, invocation.commandPath));
    return 0;
  },
  subcommands: [
    verdictCommand('approve', 'Approve a certificate signing request', {
      type: 'Approved',
      opposite: 'Denied',
      operation: 'approved',
      reason: 'KubectlApprove',
      message: 'This CSR was approved by kubectl certificate approve.',
    }),
    verdictCommand('deny', 'Deny a certificate signing request', {
      type: 'Denied',
      opposite: 'Approved',
      operation: 'denied',
      reason: 'KubectlDeny',
      message: 'This CSR was denied by kubectl certificate deny.',
    }),
  ],
};
