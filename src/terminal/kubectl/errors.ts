/** How kubectl words what went wrong: the one place where errors become text and exit codes. Upstream: kubectl/pkg/cmd/util/helpers.go. */
import type { Call } from '../../emulator/kernel/index.ts';
import { isErrno } from '../../emulator/kernel/index.ts';
import { JsonPathError } from '../../emulator/machinery/jsonpath.ts';
import { PatchError } from '../../emulator/machinery/patch/patch-error.ts';
import { QuantityError } from '../../emulator/machinery/quantity.ts';
import { StatusError } from '../../emulator/machinery/status-error.ts';
import { YamlError } from '../../emulator/machinery/yaml.ts';
import { KustomizeError } from './kustomize/error.ts';

/** An error of kubectl's own. Printed with `error: ` in front. */
export class CommandError extends Error {
  readonly exitCode: number;
  /** The command whose help the message points to, for a wrong use of it. */
  readonly helpFor: string | undefined;
  /** Printed without `error: ` in front. */
  readonly isBare: boolean;
  /** Written to standard output before the error is told. */
  readonly printed: string;
  constructor(
    message: string,
    options: { readonly helpFor?: string; readonly exitCode?: number; readonly bare?: boolean; readonly printed?: string } = {},
  ) {
    super(message);
    this.printed = options.printed ?? '';
    this.isBare = options.bare ?? false;
    this.helpFor = options.helpFor;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Ends with this code and prints nothing more. */
export class Quit extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('exit');
    this.exitCode = exitCode;
  }
}

/** Several errors, each on its own line. */
export class AggregateFailure extends Error {
  readonly errors: readonly unknown[];
  constructor(errors: readonly unknown[]) {
    super(errors.length === 1 ? messageOf(errors[0]) : `[${[...new Set(errors.map(messageOf))].join(', ')}]`);
    this.errors = errors;
  }
}

/** The server could not be asked. `server` is `host:port`. */
export class ConnectionError extends Error {
  readonly server: string;
  readonly isRefused: boolean;
  /** What the network said, as Go's dialer words it. */
  readonly reason: string;
  constructor(server: string, url: string, method: string, reason: string, isRefused: boolean) {
    super(`${method[0]}${method.slice(1).toLowerCase()} "${url}": ${reason}`);
    this.server = server;
    this.reason = reason;
    this.isRefused = isRefused;
  }
}

/** No kind of the server goes by this name. */
export class NoResourceMatch extends Error {
  constructor(resource: string) {
    super(`the server doesn't have a resource type ${JSON.stringify(resource)}`);
  }
}

/** Some commands say that a kind is unknown without `error: ` in front. */
export function* bareErrors<T>(call: Call<T>): Call<T> {
  try {
    return yield* call;
  } catch (error) {
    throw error instanceof NoResourceMatch ? new CommandError(error.message, { bare: true }) : error;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The text on stderr (with its newline) and the exit code for an error that ended a command. Undefined: not kubectl's business. */
export function describeError(error: unknown): { readonly text: string; readonly code: number } | undefined {
  if (error instanceof Quit) return { text: '', code: error.exitCode };
  if (error instanceof AggregateFailure && error.errors.length === 1) return describeError(error.errors[0]);
  if (error instanceof AggregateFailure) return { text: error.errors.map((one) => `${standardMessage(one)}\n`).join(''), code: 1 };
  if (error instanceof CommandError) {
    const see = error.helpFor === undefined ? '' : `\nSee '${error.helpFor} -h' for help and examples`;
    return { text: withNewline(`${error.isBare ? error.message : prefixed(error.message)}${see}`), code: error.exitCode };
  }
  if (error instanceof StatusError && error.status.reason === 'Invalid') return { text: withNewline(invalidMessage(error)), code: 1 };
  if (error instanceof StatusError || error instanceof ConnectionError || error instanceof NoResourceMatch || isErrno(error)) {
    return {
      text: withNewline(error instanceof NoResourceMatch || isErrno(error) ? prefixed(error.message) : standardMessage(error)),
      code: 1,
    };
  }
  if (inputErrors.some((kind) => error instanceof kind)) return { text: withNewline(prefixed(messageOf(error))), code: 1 };
  return undefined;
}

/** What the readers of user input throw: wrong paths, patches, amounts, YAML, JSON, patterns. */
const inputErrors: readonly (abstract new (...args: never[]) => Error)[] = [
  JsonPathError,
  KustomizeError,
  PatchError,
  QuantityError,
  YamlError,
  SyntaxError,
  URIError,
];

function standardMessage(error: unknown): string {
  if (error instanceof StatusError) {
    const { reason, message } = error.status;
    if (reason === 'Unauthorized') return `error: You must be logged in to the server (${message})`;
    return reason ? `Error from server (${reason}): ${message}` : `Error from server: ${message}`;
  }
  if (error instanceof ConnectionError) {
    return error.isRefused
      ? `The connection to the server ${error.server} was refused - did you specify the right host or port?`
      : `Unable to connect to the server: ${error.reason}`;
  }
  return messageOf(error);
}

function invalidMessage(error: StatusError): string {
  const { details, message } = error.status;
  if (!details) return `The request is invalid${message ? `: ${message}` : ''}`;
  const causes = [...new Set((details.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`))];
  const subject =
    details.kind || details.name ? `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid` : 'The request is invalid';
  if (causes.length === 0) return details.kind || details.name || !message ? subject : `${subject}: ${message}`;
  if (causes.length === 1) return `${subject}: ${causes[0]}`;
  return `${subject}: \n${causes.map((cause) => `* ${cause}\n`).join('')}`;
}

function prefixed(message: string): string {
  return message.startsWith('error: ') ? message : `error: ${message}`;
}

function withNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The same error with the file it came from in its message, as `error when creating "x.yaml": …`. */
export function withSource(doing: string, source: string, error: unknown): unknown {
  if (source === '') return error;
  const message = `error when ${doing} ${JSON.stringify(source)}: ${messageOf(error)}`;
  if (error instanceof StatusError) return new StatusError({ ...error.status, message });
  return error instanceof ConnectionError ? new CommandError(message) : new CommandError(message);
}
