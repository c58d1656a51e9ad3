/** Validation of probes and lifecycle hooks: validateProbe and validateHandler of pkg/apis/core/validation/validation.go. */
import { forbidden, invalid, notSupported, required } from '../../../machinery/field-error.ts';
import type { FieldError, FieldPath } from '../../../machinery/field-error.ts';
import { httpHeaderName } from '../../../machinery/names.ts';
import { complain, nonNegative, validatePort } from '../../metadata/rules.ts';
import type { GRPCAction, Lifecycle, LifecycleHandler, Probe } from '../../generated/types.ts';

type Handler = LifecycleHandler & { readonly grpc?: GRPCAction | undefined };

const handlerNames = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;
const schemes = ['HTTP', 'HTTPS'];

function validateAction(
  name: (typeof handlerNames)[number],
  handler: Handler,
  graceSeconds: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (name === 'exec' && !exec!.command?.length) errors.push(required(path.child('command')));
  if (name === 'tcpSocket') validatePort(tcpSocket!.port, path.child('port'), errors);
  if (name === 'grpc') validatePort(grpc!.port, path.child('port'), errors);
  if (name === 'sleep' && (sleep!.seconds < 0 || sleep!.seconds > graceSeconds)) {
    errors.push(invalid(path, sleep!.seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`));
  }
  if (name !== 'httpGet') return;
  if (!httpGet!.path) errors.push(required(path.child('path')));
  validatePort(httpGet!.port, path.child('port'), errors);
  if (!schemes.includes(httpGet!.scheme ?? '')) errors.push(notSupported(path.child('scheme'), httpGet!.scheme ?? '', schemes));
  for (const header of httpGet!.httpHeaders ?? []) complain(header.name, httpHeaderName(header.name), path.child('httpHeaders'), errors);
}

function validateHandler(handler: Handler, graceSeconds: number, path: FieldPath, errors: FieldError[]): void {
  let count = 0;
  for (const name of handlerNames) {
    if (!handler[name]) continue;
    if (++count > 1) errors.push(forbidden(path.child(name), 'may not specify more than 1 handler type'));
    else validateAction(name, handler, graceSeconds, path.child(name), errors);
  }
  if (count === 0) errors.push(required(path, 'must specify a handler type'));
}

/** A probe of one of the three kinds. */
export function validateProbe(
  kind: 'liveness' | 'readiness' | 'startup',
  probe: Probe | undefined,
  graceSeconds: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!probe) return;
  validateHandler(probe, graceSeconds, path, errors);
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) {
    nonNegative(probe[name], path.child(name), errors);
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) errors.push(invalid(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'));
  if (kind === 'readiness') {
    if (grace !== undefined)
      errors.push(invalid(path.child('terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes'));
  } else if (probe.successThreshold !== 1) errors.push(invalid(path.child('successThreshold'), probe.successThreshold ?? 0, 'must be 1'));
}

/** Hooks of a container. */
export function validateLifecycle(lifecycle: Lifecycle | undefined, graceSeconds: number, path: FieldPath, errors: FieldError[]): void {
  if (lifecycle?.postStart) validateHandler(lifecycle.postStart, graceSeconds, path.child('postStart'), errors);
  if (lifecycle?.preStop) validateHandler(lifecycle.preStop, graceSeconds, path.child('preStop'), errors);
}
