import { expect, test } from 'vitest';
import type { PacketView } from '../../lab/page/protocol.ts';
import { drawPath, labelOf } from './packet-drawing.ts';

type Hop = PacketView['hops'][number];

const hop = (kind: Hop['kind'], node: string, text = '', more: Partial<Hop> = {}): Hop => ({
  kind,
  node,
  text,
  source: '10.244.1.2',
  destination: '10.96.0.1:80',
  ...more,
});

test('stations go down, framed by the machine on which they are, and end where the packet died', () => {
  const { stations, frames, height } = drawPath({
    hops: [hop('start', 'node-1', 'default/a'), hop('wire', 'node-1'), hop('wire', 'node-2'), hop('loss', 'node-2', 'dropped')],
  });
  expect(frames.map(({ node }) => node)).toEqual(['node-1', 'node-2']);
  const ys = stations.map(({ y }) => y);
  expect(ys).toEqual([...ys].sort((a, b) => a - b));
  const inside = stations.map(({ y }) => frames.findIndex(({ top, bottom }) => y > top && y < bottom));
  expect(inside).toEqual([0, 0, 1, 1]);
  expect(frames[0]!.bottom).toBeLessThan(frames[1]!.top);
  expect(height).toBeGreaterThan(frames[1]!.bottom);
  expect(stations.map(({ isEnd }) => isEnd)).toEqual([false, false, false, true]);
});

test('a path without stations is an empty drawing', () => {
  expect(drawPath({ hops: [] })).toEqual({ stations: [], frames: [], height: 2 });
});

test.each([
  { name: 'start', hop: hop('start', 'n', 'default/a'), want: 'default/a sends to 10.96.0.1:80' },
  { name: 'interface', hop: hop('interface', 'n', 'link veth1 on bridge cni0', { device: 'veth1' }), want: 'veth1' },
  {
    name: 'destination NAT',
    hop: hop('nat', 'n', 'KUBE-SVC-A > KUBE-SEP-B', { destination: '10.244.1.3:80' }),
    want: 'DNAT to 10.244.1.3:80',
  },
  { name: 'source NAT', hop: hop('nat', 'n', 'MASQUERADE: the source 10.244.1.2 becomes 172.18.0.3'), want: 'source becomes 172.18.0.3' },
  {
    name: 'allowed',
    hop: hop('policy', 'n', '', {
      policies: [
        { name: 'a', allows: false },
        { name: 'b', allows: true },
      ],
    }),
    want: 'NetworkPolicy allows',
  },
  { name: 'not allowed', hop: hop('policy', 'n', '', { policies: [{ name: 'a', allows: false }] }), want: 'NetworkPolicy does not allow' },
  { name: 'long', hop: hop('route', 'n', 'x'.repeat(60)), want: `${'x'.repeat(45)}…` },
])('the label of a station: $name', ({ hop, want }) => {
  expect(labelOf(hop)).toBe(want);
});
