/** What the generators of `kubectl create` share: their flags, the name, and sending (or only printing) the object. */
import type { Call } from '../../../../emulator/kernel/index.ts';
import { StatusError } from '../../../../emulator/machinery/status-error.ts';
import { fieldValidation } from '../../changes/field-validation.ts';
import { CommandError } from '../../errors.ts';
import { dryRunFlag, fieldManagerFlag, printFlags, saveConfigFlag, validateFlag } from '../../flag-groups.ts';
import type { Flag } from '../../flag-set.ts';
import type { Invocation } from '../../invocation.ts';
import type { Json } from '../../json.ts';
import { withLastApplied } from '../../last-applied.ts';
import { dryRunStrategy, reportPrinter } from '../../printers/print-flags.ts';

export const generatorFlags: readonly Flag[] = [
  ...printFlags,
  dryRunFlag,
  fieldManagerFlag('kubectl-create'),
  saveConfigFlag,
  validateFlag,
];

/** The one NAME of a generator; arguments after `--` do not count. */
export function nameOf(invocation: Invocation): string {
  const before = invocation.dashAt < 0 ? invocation.args : invocation.args.slice(0, invocation.dashAt);
  if (before.length !== 1) throw invocation.usageError(`exactly one NAME is required, got ${before.length}`);
  return before[0]!;
}

/** Where the kind of a generator lives. */
interface GeneratedKind {
  /** `/api/v1` or `/apis/apps/v1`. */
  readonly root: string;
  readonly resource: string;
  readonly isNamespaced: boolean;
}

/** Creates the object and says so. `failure` begins the message when the server refuses: `failed to create deployment`. */
export function* createGenerated(invocation: Invocation, kind: GeneratedKind, object: Json, failure: string): Call<number> {
  const print = yield* reportPrinter(invocation);
  const dryRun = dryRunStrategy(invocation);
  const placed =
    kind.isNamespaced && invocation.config.isNamespaceExplicit
      ? { ...object, metadata: { ...object.metadata, namespace: invocation.namespace } }
      : object;
  // The generators of Services keep the configuration only of what is sent.
  const keepsConfig = invocation.flags.bool('save-config') && (kind.resource !== 'services' || dryRun !== 'client');
  const annotated = keepsConfig ? withLastApplied(placed) : placed;
  const created = dryRun === 'client' ? annotated : yield* send(invocation, kind, annotated, failure);
  yield* invocation.out(print(created, 'created'));
  return 0;
}

function* send(invocation: Invocation, kind: GeneratedKind, object: Json, failure: string): Call<Json> {
  try {
    return yield* invocation.client.request({
      method: 'POST',
      path: `${kind.root}${kind.isNamespaced ? `/namespaces/${invocation.namespace}` : ''}/${kind.resource}`,
      query: {
        dryRun: dryRunStrategy(invocation) === 'server' ? 'All' : undefined,
        fieldManager: invocation.flags.string('field-manager') || undefined,
        fieldValidation: fieldValidation(invocation),
      },
      body: object,
    });
  } catch (error) {
    if (failure === '' || !(error instanceof StatusError)) throw error;
    throw new CommandError(`${failure} ${error.message}`);
  }
}
