/** What client and server say to each other: a line of JSON each. */
// Differs from Kubernetes: this is not MySQL's protocol, so that only the client of this image can speak to the server.
import type { ByteString, Call, DuplexStream, Sys } from '../../kernel/index.ts';
import { textOf, utf8 } from '../../kernel/index.ts';
import type { Result } from './sql.ts';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

export type Answer = Result | { readonly error: { readonly code: number; readonly state: string; readonly text: string } };

/** max_allowed_packet. */
const maxBytes = 67_108_864;

/** Anybody may connect to the port and say anything. */
function parsed(line: ByteString): unknown {
  try {
    return JSON.parse(textOf(line)) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Lines of JSON over a stream. */
export class Wire {
  readonly #sys: Sys;
  readonly #stream: DuplexStream;
  #buffer = '';

  constructor(sys: Sys, stream: DuplexStream) {
    this.#sys = sys;
    this.#stream = stream;
  }

  send(message: Login | Answer | string): void {
    this.#stream.output.write(utf8(`${JSON.stringify(message)}\n`));
  }

  /** The next message, undefined when the other side has closed or says what is none. */
  *receive<T>(): Call<T | undefined> {
    for (;;) {
      const end = this.#buffer.indexOf('\n');
      if (end >= 0) {
        const line = this.#buffer.slice(0, end);
        this.#buffer = this.#buffer.slice(end + 1);
        return parsed(line as ByteString) as T | undefined;
      }
      const data = this.#stream.input.read(65_536);
      if (data === undefined) yield* this.#sys.kernel.block(this.#stream.input.readable, 'read');
      else if (data === '' || this.#buffer.length > maxBytes) return undefined;
      else this.#buffer += data;
    }
  }

  close(): void {
    this.#stream.output.closed();
  }
}
