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

/** A failed system call. The only error, beside the API's StatusError, that a program is expected to catch. */
export class Errno extends Error {
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
