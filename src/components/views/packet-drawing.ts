/** A packet's path as a drawing: stations below one another, those of one machine in a frame. Only numbers and words, for tests and SVG. */
import type { PacketView } from '../../lab/page/protocol.ts';

type Hop = PacketView['hops'][number];

export interface Station {
  readonly kind: Hop['kind'];
  readonly label: string;
  readonly y: number;
  /** Where the packet ended without having arrived. */
  readonly isEnd: boolean;
}

export interface Frame {
  readonly node: string;
  readonly top: number;
  readonly bottom: number;
}

export interface PathDrawing {
  readonly stations: readonly Station[];
  readonly frames: readonly Frame[];
  readonly height: number;
}

const rowHeight = 34;
const frameHead = 24;
const frameGap = 18;
const maxLabel = 46;

export function drawPath({ hops }: Pick<PacketView, 'hops'>): PathDrawing {
  const stations: Station[] = [];
  const frames: { node: string; top: number; bottom: number }[] = [];
  let y = 0;
  for (const hop of hops) {
    const frame = frames.at(-1);
    if (frame?.node !== hop.node) {
      y += frame ? frameGap : 0;
      frames.push({ node: hop.node, top: y, bottom: y });
      y += frameHead;
    }
    stations.push({ kind: hop.kind, label: labelOf(hop), y: y + rowHeight / 2, isEnd: hop.kind === 'loss' || hop.kind === 'refusal' });
    y += rowHeight;
    frames.at(-1)!.bottom = y;
  }
  return { stations, frames, height: y + 2 };
}

/** A few words for a station; the list beside the drawing has them all. */
export function labelOf({ kind, text, device, destination, policies }: Hop): string {
  switch (kind) {
    case 'start':
      return short(`${text} sends to ${destination}`);
    case 'interface':
      return short(device ?? text);
    case 'nat':
      return short(
        text.startsWith('MASQUERADE') ? text.replace(/^MASQUERADE: the source \S+ becomes/, 'source becomes') : `DNAT to ${destination}`,
      );
    case 'policy':
      return short(`NetworkPolicy ${policies?.some(({ allows }) => allows) ? 'allows' : 'does not allow'}`);
    case 'tunnel':
      return short(`${device} ${text}`);
    case 'wire':
      return short(text);
    case 'arrival':
      return short(`reaches ${text}`);
    case 'answer':
      return 'the answer goes back';
    case 'refusal':
      return 'refused';
    case 'loss':
      return 'lost here';
    case 'route':
      return short(text);
  }
}

const short = (text: string): string => (text.length > maxLabel ? `${text.slice(0, maxLabel - 1)}…` : text);
