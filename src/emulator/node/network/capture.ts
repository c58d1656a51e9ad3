/** Frames as tcpdump sees them: what a connection sends, at every interface by which it passes. Made only while somebody looks. */
import type { PacketHop } from '../../kernel/index.ts';
import type { Protocol } from './packet.ts';

/** One segment or datagram on its whole way; `hops` is the way of the connection's first packet, which answers go backwards. */
export interface Frame {
  readonly hops: readonly PacketHop[];
  readonly protocol: Protocol;
  /** The port of who began. */
  readonly clientPort: number;
  readonly isAnswer: boolean;
  /** As tcpdump writes them: `S`, `S.`, `.`, `P.`, `F.`, `R.`; '' for what is not TCP. */
  readonly flags: string;
  /** Bytes of payload. */
  readonly length: number;
  /** What a dissector says of the payload: `HTTP: GET / HTTP/1.1`, ` 4660+ A? web. (21)`. */
  readonly text: string;
  /** Numbers of the first byte and of the next one that is expected, relative to the connection. */
  readonly sequence: number;
  readonly acknowledged: number;
}

export type Tap = (frame: Frame) => void;
