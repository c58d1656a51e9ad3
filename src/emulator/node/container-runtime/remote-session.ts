/** The streams of `exec` and `attach`: pipes or a terminal on the container's side, a `RemoteCommand` on the client's. */

import type { ByteString, Kernel, RemoteCommand, Tty } from '../../kernel/index.ts';
import { createPipe, Errno, FdTable, noBytes, OpenFile, WaitQueue } from '../../kernel/index.ts';

export interface SessionOptions {
  readonly hasStdin: boolean;
  readonly hasTty: boolean;
}

/** Bytes kept for a client that does not read. */
const maxBuffered = 1024 * 1024;

/** Bytes from a terminal to its client. A terminal cannot make its writer wait, so what is too much is dropped. */
export class OutputBuffer extends OpenFile {
  #data = noBytes;
  isEnded = false;

  override read(max: number): ByteString | undefined {
    if (this.#data === '') return this.isEnded ? noBytes : undefined;
    const data = this.#data.slice(0, max) as ByteString;
    this.#data = this.#data.slice(max) as ByteString;
    return data;
  }

  override write(data: ByteString): number {
    if (this.#data.length < maxBuffered) this.#data = (this.#data + data) as ByteString;
    this.readable.wake();
    return data.length;
  }

  end(): void {
    this.isEnded = true;
    this.readable.wake();
  }

  override closed(): void {
    this.isEnded = true;
  }
}

/** Where a client's input goes: a terminal, or a pipe that several clients write to. */
export class InputSink extends OpenFile {
  readonly #put: (data: ByteString) => number;
  readonly #end: (() => void) | undefined;

  constructor(put: (data: ByteString) => number, end?: () => void) {
    super();
    this.#put = put;
    this.#end = end;
  }

  override read(): ByteString {
    throw new Errno('EBADF');
  }

  override write(data: ByteString): number {
    return this.#put(data);
  }

  override closed(): void {
    this.#end?.();
  }
}

/** An input that is at its end: what a process reads that has no standard input. */
export class EmptyInput extends OpenFile {
  override read(): ByteString {
    return noBytes;
  }

  override write(): number {
    throw new Errno('EBADF');
  }
}

export const emptyInput = new EmptyInput();
emptyInput.refs = 1; // Shared by every process without an input, so it is never closed.

/** What a client types, into a terminal. */
export function ttyInput(tty: Tty): InputSink {
  return new InputSink((data) => {
    tty.input(data);
    return data.length;
  });
}

export class RemoteSession implements RemoteCommand {
  readonly stdin: OpenFile | undefined;
  readonly stdout: OpenFile;
  readonly stderr: OpenFile | undefined;
  readonly finished = new WaitQueue();
  readonly tty: Tty | undefined;
  /** The descriptors of the process in the container. */
  readonly fds = new FdTable();
  result: { readonly exitCode: number } | { readonly message: string } | undefined;
  readonly #output: OutputBuffer | undefined;

  constructor(kernel: Kernel, { hasStdin, hasTty }: SessionOptions) {
    if (hasTty) {
      const tty = kernel.createTty();
      const output = new OutputBuffer();
      tty.onOutput = (bytes) => void output.write(bytes);
      this.tty = tty;
      this.#output = output;
      this.stdout = output;
      this.stdin = hasStdin ? ttyInput(tty) : undefined;
      for (const fd of [0, 1, 2]) this.fds.set(fd, tty);
      return;
    }
    const stdout = createPipe();
    const stderr = createPipe();
    this.stdout = stdout.reader;
    this.stderr = stderr.reader;
    this.fds.set(1, stdout.writer);
    this.fds.set(2, stderr.writer);
    if (hasStdin) {
      const stdin = createPipe();
      this.stdin = stdin.writer;
      this.fds.set(0, stdin.reader);
    } else this.fds.set(0, emptyInput);
  }

  resize(columns: number, rows: number): void {
    this.tty?.resize(columns, rows);
  }

  finish(result: { readonly exitCode: number } | { readonly message: string }): void {
    if (this.result) return;
    this.result = result;
    this.#output?.end();
    this.finished.wake();
  }
}

/** A client joined to the streams of a running container. */
export class AttachSession implements RemoteCommand {
  readonly stdin: OpenFile | undefined;
  readonly stdout: OpenFile;
  readonly stderr: OpenFile | undefined;
  readonly finished = new WaitQueue();
  readonly resize: (columns: number, rows: number) => void;
  /** Given to the container, which calls it for all that it writes. */
  readonly onOutput: (bytes: ByteString, stream: 'stdout' | 'stderr') => void;
  result: { readonly exitCode: number } | { readonly message: string } | undefined;
  readonly #buffers: readonly OutputBuffer[];

  constructor(hasTty: boolean, stdin: OpenFile | undefined, resize: (columns: number, rows: number) => void) {
    const output = new OutputBuffer();
    const errors = hasTty ? undefined : new OutputBuffer();
    this.stdin = stdin;
    this.stdout = output;
    this.stderr = errors;
    this.resize = resize;
    this.#buffers = errors ? [output, errors] : [output];
    this.onOutput = (bytes, stream) => void (stream === 'stderr' && errors ? errors : output).write(bytes);
  }

  end(exitCode: number): void {
    this.result = { exitCode };
    for (const buffer of this.#buffers) buffer.end();
    this.finished.wake();
  }
}

/** A command that could not be started: it has ended with a message. */
export function failedSession(message: string): RemoteCommand {
  const stdout = new OutputBuffer();
  stdout.end();
  return { stdin: undefined, stdout, stderr: undefined, resize() {}, result: { message }, finished: new WaitQueue() };
}

/** One command's whole output, for probes and hooks. */
export class CapturedOutput extends OpenFile {
  text = '';
  readonly #max: number;

  constructor(max: number) {
    super();
    this.#max = max;
  }

  override read(): ByteString {
    return noBytes;
  }

  override write(data: ByteString): number {
    if (this.text.length < this.#max) this.text += data.slice(0, this.#max - this.text.length);
    return data.length;
  }
}
