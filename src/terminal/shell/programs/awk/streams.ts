import { createLineReader } from '../../../../emulator/kernel/index.ts';
import type { Call, LineReader, Sys } from '../../../../emulator/kernel/index.ts';

/** The files and commands that a program prints to and reads from, open under their names until `close`. */
export class Streams {
  readonly #sys: Sys;
  readonly #outputs = new Map<string, { readonly fd: number; readonly pid: number | undefined }>();
  readonly #inputs = new Map<string, LineReader>();

  constructor(sys: Sys) {
    this.#sys = sys;
  }

  isOpen(name: string): boolean {
    return this.#outputs.has(name);
  }

  /** The descriptor to print to. Throws `Errno`. */
  output(operator: '>' | '>>' | '|', name: string): number {
    let output = this.#outputs.get(name);
    if (!output) {
      output = operator === '|' ? this.#pipeTo(name) : { fd: this.#sys.open(name, operator === '>' ? 'write' : 'append'), pid: undefined };
      this.#outputs.set(name, output);
    }
    return output.fd;
  }

  /** Lines of a file or of what a command prints. Throws `Errno`. */
  input(kind: 'file' | 'command', name: string): LineReader {
    let reader = this.#inputs.get(name);
    if (!reader) {
      reader = createLineReader(this.#sys, kind === 'file' ? this.#sys.open(name, 'read') : this.#pipeFrom(name));
      this.#inputs.set(name, reader);
    }
    return reader;
  }

  /** The status of the command that was printed to, -1 when nothing was open. */
  *close(name: string): Call<number> {
    const output = this.#outputs.get(name);
    const wasRead = this.#inputs.delete(name);
    if (!output) return wasRead ? 0 : -1;
    this.#outputs.delete(name);
    this.#sys.fds.close(output.fd);
    return output.pid === undefined ? 0 : (yield* this.#sys.wait(output.pid)).code;
  }

  *closeAll(): Call<void> {
    for (const name of [...this.#outputs.keys()]) yield* this.close(name);
  }

  #pipeTo(command: string): { readonly fd: number; readonly pid: number } {
    const { reader, writer } = this.#sys.pipe();
    const fds = this.#sys.fds.clone();
    fds.set(0, reader);
    const pid = this.#sys.spawn({ ...this.#sys.load('sh', ['sh', '-c', command]), fds });
    return { fd: this.#sys.fds.add(writer), pid };
  }

  #pipeFrom(command: string): number {
    const { reader, writer } = this.#sys.pipe();
    const fds = this.#sys.fds.clone();
    fds.set(1, writer);
    this.#sys.spawn({ ...this.#sys.load('sh', ['sh', '-c', command]), fds });
    return this.#sys.fds.add(reader);
  }
}
