/** When an answer that goes on for long is over: the moment of the stage ResponseComplete. */
import type { ByteString, HttpResponse, Kernel, RemoteCommand } from '../../../kernel/index.ts';
import { OpenFile } from '../../../kernel/index.ts';

/** A stream that tells once that it has ended, on either side. */
class ToldFile extends OpenFile {
  readonly #inner: OpenFile;
  #tell: (() => void) | undefined;

  constructor(inner: OpenFile, tell: () => void) {
    super();
    this.#inner = inner;
    this.#tell = tell;
  }

  override get readable() {
    return this.#inner.readable;
  }

  override get writable() {
    return this.#inner.writable;
  }

  override read(max: number): ByteString | undefined {
    const data = this.#inner.read(max);
    if (data === '') this.#end();
    return data;
  }

  override write(data: ByteString): number {
    return this.#inner.write(data);
  }

  override closed(): void {
    this.#inner.closed();
    this.#end();
  }

  #end(): void {
    const tell = this.#tell;
    this.#tell = undefined;
    tell?.();
  }
}

const isCommand = (upgrade: unknown): upgrade is RemoteCommand =>
  typeof upgrade === 'object' && upgrade !== null && 'finished' in upgrade && 'stdout' in upgrade;

/** The answer, which tells when it is over: logs that are followed, exec and attach. Undefined for one that has no end of its own. */
export function tellingWhenOver(kernel: Kernel, response: HttpResponse, tell: () => void): HttpResponse | undefined {
  const { body, upgrade } = response;
  if (isCommand(upgrade)) {
    kernel.fiber(
      (function* () {
        while (upgrade.result === undefined) yield* kernel.block(upgrade.finished, 'audit');
        tell();
      })(),
      { background: true },
    );
    return response;
  }
  return upgrade === undefined && body instanceof OpenFile ? { ...response, body: new ToldFile(body, tell) } : undefined;
}
