/** PriorityLevelConfiguration: pkg/registry/flowcontrol/prioritylevelconfiguration/strategy.go, pkg/apis/flowcontrol/validation/validation.go. */
import { semanticEqual } from '../../machinery/equality.ts';
import { fieldPath, forbidden, invalid, notSupported, required } from '../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../machinery/field-error.ts';
import { age, name, text } from '../columns.ts';
import { defineKind, keepStatus, statusSubresource } from '../define-kind.ts';
import { change, fill, fillZero } from '../fill.ts';
import type {
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
} from '../generated/types.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from '../metadata/object-meta.ts';
import { isMandatory, priorityLevels } from './bootstrap.ts';

const spec = fieldPath('spec');
const maxQueues = 10_000_000;
/** As many bits as a hash has to deal hands of queues from. */
const maxHashBits = 60;

/** pkg/apis/flowcontrol/v1/defaults.go. */
function defaultSpec(own: PriorityLevelConfigurationSpec): PriorityLevelConfigurationSpec {
  const exempt = change(own, 'exempt', (level) => ({
    ...level,
    nominalConcurrencyShares: level.nominalConcurrencyShares ?? 0,
    lendablePercent: level.lendablePercent ?? 0,
  }));
  return change(exempt.exempt && own.exempt && semanticEqual(exempt.exempt, own.exempt) ? own : exempt, 'limited', (level) => {
    const filled = fill(level, { nominalConcurrencyShares: 30 });
    const lent = filled.lendablePercent === undefined ? { ...filled, lendablePercent: 0 } : filled;
    return change(lent, 'limitResponse', (response) =>
      change(response, 'queuing', (queuing) => fillZero(queuing, { handSize: 8, queueLengthLimit: 50, queues: 64 })),
    );
  });
}

function validateResponse({ type, queuing }: LimitResponse, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('queuing');
  if (type === 'Reject') {
    if (queuing) errors.push(forbidden(at, 'must be nil if limited.limitResponse.type is not Limited'));
    return;
  }
  if (type !== 'Queue') {
    errors.push(notSupported(path.child('type'), type, ['Queue', 'Reject']));
    return;
  }
  if (!queuing) {
    errors.push(required(at, 'must not be empty if limited.limitResponse.type is Limited'));
    return;
  }
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  if (queueLengthLimit <= 0) errors.push(invalid(at.child('queueLengthLimit'), queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalid(at.child('queues'), queues, 'must be positive'));
  else if (queues > maxQueues) errors.push(invalid(at.child('queues'), queues, `must not be greater than ${maxQueues}`));
  const bits = handBits(queues, handSize);
  if (handSize <= 0) errors.push(invalid(at.child('handSize'), handSize, 'must be positive'));
  else if (handSize > queues) errors.push(invalid(at.child('handSize'), handSize, `should not be greater than queues (${queues})`));
  else if (bits > maxHashBits) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`;
    errors.push(invalid(at.child('handSize'), handSize, detail));
  }
}

/** RequiredEntropyBits of apiserver/pkg/util/shufflesharding. */
const handBits = (deck: number, hand: number): number => Math.ceil(Math.log2(deck) * hand);

function validateLimited(level: LimitedPriorityLevelConfiguration, path: FieldPath, errors: FieldError[]): void {
  const { nominalConcurrencyShares: shares = 0, lendablePercent: lendable = 0, borrowingLimitPercent: borrowed } = level;
  if (shares < 0) errors.push(invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'));
  if (lendable < 0 || lendable > 100) errors.push(invalid(path.child('lendablePercent'), lendable, 'must be between 0 and 100, inclusive'));
  if (borrowed !== undefined && borrowed < 0)
    errors.push(invalid(path.child('borrowingLimitPercent'), borrowed, 'if specified, must be a non-negative integer'));
  validateResponse(level.limitResponse ?? { type: '' }, path.child('limitResponse'), errors);
}

function validateSpec({ metadata, spec: own }: PriorityLevelConfiguration, errors: FieldError[]): void {
  const type = own?.type ?? '';
  if ((metadata.name === 'exempt') !== (type === 'Exempt'))
    errors.push(invalid(spec.child('type'), type, "type must be 'Exempt' if and only if name is 'exempt'"));
  if (type === 'Exempt') {
    if (own?.limited) errors.push(forbidden(spec.child('limited'), 'must be nil if the type is not Limited'));
  } else if (type === 'Limited') {
    if (own?.exempt) errors.push(forbidden(spec.child('exempt'), 'must be nil if the type is Limited'));
    if (own?.limited) validateLimited(own.limited, spec.child('limited'), errors);
    else errors.push(required(spec.child('limited'), 'must not be empty when type is Limited'));
  } else errors.push(notSupported(spec.child('type'), type, ['Exempt', 'Limited']));
  // The level `exempt` may lend: only its kind is fixed.
  if (metadata.name === 'catch-all' && isMandatory(metadata.name) && !semanticEqual(own, priorityLevels[metadata.name]))
    errors.push(invalid(spec, own, `spec of '${metadata.name}' must equal the fixed value`));
}

/** The descriptor of PriorityLevelConfiguration. */
export const priorityLevelConfigurations = defineKind<PriorityLevelConfiguration>({
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'PriorityLevelConfiguration',
  resource: 'prioritylevelconfigurations',
  isNamespaced: false,
  hasGeneration: true,
  subresources: { status: statusSubresource() },
  setDefaults: (level) => change(level, 'spec', defaultSpec),
  prepareForCreate: (level) => ({ ...level, status: {} }),
  prepareForUpdate: keepStatus,
  validate(level) {
    const errors: FieldError[] = [];
    validateObjectMeta(level.metadata, { isNamespaced: false }, errors);
    validateSpec(level, errors);
    return errors;
  },
  validateUpdate(next, previous) {
    const errors: FieldError[] = [];
    validateObjectMetaUpdate(next, previous, errors);
    validateSpec(next, errors);
    return errors;
  },
  columns: [
    name(),
    text('Type', 'Exempt, or Limited.', ({ spec: own }) => own?.type ?? ''),
    text('NominalConcurrencyShares', 'Its part of the seats.', ({ spec: own }) => own?.limited?.nominalConcurrencyShares ?? '<none>'),
    text('Queues', 'How many queues it has.', ({ spec: own }) => own?.limited?.limitResponse?.queuing?.queues ?? '<none>'),
    text('HandSize', 'How many queues a flow may use.', ({ spec: own }) => own?.limited?.limitResponse?.queuing?.handSize ?? '<none>'),
    text(
      'QueueLengthLimit',
      'How many requests may wait in a queue.',
      ({ spec: own }) => own?.limited?.limitResponse?.queuing?.queueLengthLimit ?? '<none>',
    ),
    age(),
  ],
});
