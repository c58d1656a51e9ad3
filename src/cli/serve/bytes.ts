/** Bytes of the host and of the emulator, which are strings of one character a byte. */
import type { ByteString } from '../../emulator/kernel/index.ts';

export const fromBuffer = (buffer: Buffer): ByteString => buffer.toString('latin1') as ByteString;
export const toBuffer = (bytes: string): Buffer => Buffer.from(bytes, 'latin1');
