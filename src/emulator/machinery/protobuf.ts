/**
 * Protobuf, as the API server speaks it to clients written in Go. What writes it belongs to whoever serves a cluster to the outside, who
 * hands it over as `hostData` under `protobufCodec`.
 *
 * Differs from Kubernetes: inside of a cluster and in the page nobody does, and the API server answers in JSON and YAML alone.
 */
import type { ByteString } from '../kernel/index.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';
export const protobufCodec = 'protobuf';

export interface ProtobufCodec {
  /** An object of the API with its envelope; undefined for what has no protobuf. */
  encode(object: object): ByteString | undefined;
  /** One event of a watch, with its length before it. */
  frame(type: string, object: object): ByteString;
}
