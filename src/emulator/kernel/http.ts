/** HTTP as messages: what travels over a simulated connection, without the bytes of its framing. */
import type { ByteString } from './bytes.ts';
import type { Call } from './call.ts';
import type { OpenFile } from './file.ts';
import type { WaitQueue } from './wait-queue.ts';

/** Header names are in lower case; a value holds several as one string, joined as RFC 9110 allows. */
export type Headers = Readonly<Record<string, string>>;

export interface HttpRequest {
  readonly method: string;
  /** Path and query, e.g. `/api/v1/pods?watch=1`. */
  readonly target: string;
  readonly headers: Headers;
  /** Bytes, or an API object handed over as it is (never changed by either side). */
  readonly body?: ByteString | object | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes, an API object handed over as it is, or a stream of bytes that ends when the server closes it. */
  readonly body: ByteString | object | OpenFile;
  /** An upgraded connection (exec, attach, port-forward): what it carries is agreed between client and server. */
  readonly upgrade?: unknown;
}

/** The other end of a connection, as a server sees it. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
  readonly isTls: boolean;
  /** The client certificate that was presented, DER or an object that the server's room understands. */
  readonly certificate?: unknown;
}

export type HttpHandler = (request: HttpRequest, peer: Peer) => Call<HttpResponse>;

/** What `exec` and `attach` upgrade a connection to: the far process's streams, its window and its end. */
export interface RemoteCommand {
  /** Write here; absent without -i. Close it (`closed()`) to end the far input. */
  readonly stdin: OpenFile | undefined;
  /** Read here. */
  readonly stdout: OpenFile;
  /** Absent with a terminal, where both streams are one. */
  readonly stderr: OpenFile | undefined;
  resize(columns: number, rows: number): void;
  /** The far process's exit code once it has ended, or the message of what went wrong. */
  readonly result: { readonly exitCode: number } | { readonly message: string } | undefined;
  readonly finished: WaitQueue;
}
