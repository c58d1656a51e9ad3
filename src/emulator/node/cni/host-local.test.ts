import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCidr } from '../network/index.ts';
import { HostLocal } from './host-local.ts';

const create = (cidr = '10.244.1.0/29'): HostLocal => new HostLocal(parseCidr(cidr)!);

describe('host-local', () => {
  test('begins after the gateway and goes on after the last address, even when an earlier one is free', () => {
    const ipam = create();
    expect(ipam.allocate('a')).toBe('10.244.1.2');
    expect(ipam.allocate('b')).toBe('10.244.1.3');
    ipam.release('a');
    expect(ipam.allocate('c')).toBe('10.244.1.4');
  });

  test('wraps around to the lowest free address, and ends when the block is full', () => {
    const ipam = create();
    for (const id of 'abcde') ipam.allocate(id);
    expect(ipam.allocate('f')).toBeUndefined();
    ipam.release('b');
    expect(ipam.allocate('f')).toBe('10.244.1.3');
  });

  test('leaves alone what somebody had before, until it is given back', () => {
    const ipam = create();
    ipam.reserve('10.244.1.2', 'old');
    ipam.reserve('10.244.9.9', 'elsewhere');
    expect(ipam.allocate('a')).toBe('10.244.1.3');
    ipam.release('old');
    for (const id of 'bcd') ipam.allocate(id);
    expect(ipam.allocate('e')).toBe('10.244.1.2');
  });

  test('gives a container the address that it has', () => {
    const ipam = create();
    expect(ipam.allocate('a')).toBe(ipam.allocate('a'));
  });

  test('never gives an address twice, nor one outside of the block', () => {
    const step = fc.record({ isAdd: fc.boolean(), id: fc.integer({ min: 0, max: 12 }).map(String) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const ipam = create('10.0.0.0/28');
        const held = new Map<string, string>();
        for (const { isAdd, id } of steps) {
          if (!isAdd) {
            ipam.release(id);
            held.delete(id);
            continue;
          }
          const ip = ipam.allocate(id)!;
          expect(ipam.isUsable(ip)).toBe(true);
          held.set(id, ip);
          expect(new Set(held.values()).size).toBe(held.size);
        }
        expect(ipam.leases.length).toBe(held.size);
      }),
    );
  });
});
