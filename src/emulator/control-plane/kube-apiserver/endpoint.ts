/**
 * What an API server offers on its port, beside HTTP: the same pipeline for in-process clients, which hand over objects
 * instead of their JSON. Both ends see the same stages, the same errors and the same audit.
 */
import type { DeleteOptions, Discovered, Patch, Watch, WatchHandler, WatchOptions, WriteOptions } from '../../client/client.ts';
import type { Kind, Verb } from '../../api/kind.ts';
import type { Call } from '../../kernel/index.ts';
import type { ApiObject, List } from '../../machinery/objects.ts';
import type { HttpHandler } from '../../kernel/http.ts';
import type { IssuedCertificate } from '../../machinery/x509/index.ts';

/** What a client shows to prove who it is. */
export type Credential =
  | {
      readonly type: 'certificate';
      /** PEM. */
      readonly certificate: string;
      readonly key: string;
      /** A TLS handshake has proved that the client holds the key; it is not shown then. */
      readonly isKeyProven?: boolean | undefined;
      /** The certificate as it was issued in this process: then the PEM texts (which may be getters) are not looked at. */
      readonly issued?: IssuedCertificate | undefined;
    }
  | {
      readonly type: 'token';
      readonly token: string;
      /** The status of the TokenRequest that gave it, in this process: then the token (which may be a getter) is not looked at. */
      readonly issued?: object | undefined;
    }
  | { readonly type: 'anonymous' };

/** One request of an in-process client. */
export interface ObjectRequest<T extends ApiObject> {
  readonly verb: Exclude<Verb, 'watch'>;
  readonly kind: Kind<T>;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly object?: unknown;
  readonly patch?: Patch | undefined;
  readonly selectors?: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined } | undefined;
  readonly list?:
    | { readonly limit?: number | undefined; readonly continue?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  readonly write?: WriteOptions | undefined;
  readonly delete?: DeleteOptions | undefined;
}

/** A session of one client: authenticated once, re-checked when its credential could have changed. */
export interface ApiSession {
  call<T extends ApiObject>(request: ObjectRequest<T>): Call<T | List<T> | undefined>;
  /** GET of a path of an aggregated API. */
  read(target: string): Call<object>;
  /** What the server serves at this moment: its own kinds, those of CustomResourceDefinitions and of aggregated API servers. */
  discover(): Discovered;
  watch<T extends ApiObject>(kind: Kind<T>, options: WatchOptions, handler: WatchHandler<T>): Call<Watch>;
}

export interface ApiEndpoint {
  readonly http: HttpHandler;
  /** `sourceIP` is the client's address; what is asked without one is not audited. Throws a 401 StatusError when the credential proves nothing. */
  open(credential: Credential, agent: string, sourceIP?: string): ApiSession;
}
