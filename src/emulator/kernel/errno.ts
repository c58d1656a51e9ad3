const messages = {
  E2BIG: 'Argument list too long',
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address already in use',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  EBUSY: 'Device or resource busy',
  ECHILD: 'No child processes',
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset by peer',
  EEXIST: 'File exists',
  EHOSTUNREACH: 'No route to host',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  ENETUNREACH: 'Network is unreachable',
  ENOENT: 'No such file or directory',
  ENOEXEC: 'Exec format error',
  ENOMEM: 'Cannot allocate memory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EPROTO: 'Protocol error',
  EROFS: 'Read-only file system',
  ESRCH: 'No such process',
  ETIMEDOUT: 'Connection timed out',
} as const;

export type ErrnoCode = keyof typeof messages;

/**
 * A negative answer that travels as an exception. A cluster makes thousands of them that are no mistakes (an object that is not
 * there yet, a file that need not be), and the trace of a stack costs more than all the rest of a request: they have none.
 */
export class Refusal extends Error {
  constructor(message: string) {
    // Engines without this limit ignore it.
    const host: { stackTraceLimit?: number } = Error as { stackTraceLimit?: number };
    const limit = host.stackTraceLimit;
    host.stackTraceLimit = 0;
    super(message);
    host.stackTraceLimit = limit;
  }
}

/** A failed system call. The only error, beside the API's StatusError, that a program is expected to catch. */
export class Errno extends Refusal {
  readonly code: ErrnoCode;
  constructor(code: ErrnoCode) {
    super(messages[code]);
    this.code = code;
  }
}

export function isErrno(error: unknown, code?: ErrnoCode): error is Errno {
  return error instanceof Errno && (code === undefined || error.code === code);
}

/** A signal that the process catches arrived while it was blocked. The signal waits in `sys.takeSignal()`. */
export class Interrupted extends Error {}

/** Whether a program grew a text or a list beyond what the host can hold. That is the program's doing, and no fault of ours. */
export const isOutOfMemory = (reason: unknown): boolean =>
  reason instanceof RangeError && /string length|array length|allocation/i.test(reason.message);
