import { expect, test } from 'vitest';
import {
  duplicate,
  type FieldError,
  fieldErrorText,
  fieldPath,
  forbidden as forbiddenField,
  invalid as invalidField,
  notSupported,
  required,
  tooLong,
  tooMany,
} from './field-error.ts';
import * as errors from './status-error.ts';

function check(error: FieldError, want: string): void {
  expect(fieldErrorText(error)).toBe(want);
}

const containers = fieldPath('spec', 'containers');

test.each<[FieldError, string]>([
  [required(containers, ''), 'spec.containers: Required value'],
  [
    invalidField(fieldPath('spec', 'replicas'), -1, 'must be greater than or equal to 0'),
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [invalidField(fieldPath('metadata', 'name'), 'A"b', 'bad'), 'metadata.name: Invalid value: "A\\"b": bad'],
  [invalidField(fieldPath('spec'), { b: 1, a: '<' }, 'bad'), 'spec: Invalid value: {"b":1,"a":"\\u003c"}: bad'],
  [invalidField(fieldPath('spec', 'x'), undefined, 'bad'), 'spec.x: Invalid value: null: bad'],
  [duplicate(containers.index(1).child('name'), 'a'), 'spec.containers[1].name: Duplicate value: "a"'],
  [
    notSupported(containers.index(0).child('imagePullPolicy'), 'x', ['Always', 'Never']),
    'spec.containers[0].imagePullPolicy: Unsupported value: "x": supported values: "Always", "Never"',
  ],
  [forbiddenField(fieldPath('spec'), 'no'), 'spec: Forbidden: no'],
  [tooLong(fieldPath('metadata', 'annotations'), 1), 'metadata.annotations: Too long: may not be more than 1 byte'],
  [tooMany(fieldPath('spec', 'x'), 3, 2), 'spec.x: Too many: 3: must have at most 2 items'],
  [required(fieldPath('metadata', 'labels').key('a.b/c'), 'x'), 'metadata.labels[a.b/c]: Required value: x'],
])('%o', check);

const pods = { group: '', resource: 'pods' };
const deployments = { group: 'apps', resource: 'deployments' };

test.each<[errors.StatusError, number, string]>([
  [errors.notFound(pods, 'web'), 404, 'pods "web" not found'],
  [errors.notFound(deployments, 'web'), 404, 'deployments.apps "web" not found'],
  [errors.alreadyExists(pods, 'web'), 409, 'pods "web" already exists'],
  [errors.forbidden(pods, '', 'User "x" cannot list resource'), 403, 'pods is forbidden: User "x" cannot list resource'],
  [errors.forbidden(pods, 'web', 'exceeded quota'), 403, 'pods "web" is forbidden: exceeded quota'],
  [
    errors.conflict(deployments, 'web', errors.optimisticLockMessage),
    409,
    `Operation cannot be fulfilled on deployments.apps "web": ${errors.optimisticLockMessage}`,
  ],
  [
    errors.invalid({ group: '', kind: 'Pod' }, 'web', [required(containers, '')]),
    422,
    'Pod "web" is invalid: spec.containers: Required value',
  ],
  [
    errors.invalid({ group: 'apps', kind: 'Deployment' }, 'web', [
      required(containers, ''),
      required('spec.selector', ''),
      required(containers, ''),
    ]),
    422,
    'Deployment.apps "web" is invalid: [spec.containers: Required value, spec.selector: Required value]',
  ],
  [errors.methodNotSupported(pods, 'patch'), 405, 'patch is not supported on resources of kind "pods"'],
  [errors.internalError('boom'), 500, 'Internal error occurred: boom'],
  [errors.timeout('too slow'), 504, 'Timeout: too slow'],
])('%s', (error, code, message) => {
  expect([error.code, error.message]).toEqual([code, message]);
  expect(error.status).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
});

test('predicates tell errors apart by reason, and by code where there is none', () => {
  const error = errors.notFound(pods, 'web');
  expect([errors.isNotFound(error), errors.isConflict(error), errors.isNotFound(new Error('not found'))]).toEqual([true, false, false]);
  expect(errors.isNotFound(new errors.StatusError(errors.failure(404, '', 'gone')))).toBe(true);
  expect(errors.isAlreadyExists(errors.conflict(pods, 'web', 'x'))).toBe(false);
});

test('causes carry the fields', () => {
  const { details } = errors.invalid({ group: '', kind: 'Pod' }, 'web', [required(containers, 'x')]).status;
  expect(details).toEqual({
    name: 'web',
    kind: 'Pod',
    causes: [{ reason: 'FieldValueRequired', message: 'Required value: x', field: 'spec.containers' }],
  });
});
