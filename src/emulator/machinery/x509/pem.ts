/** PEM: base64 between a BEGIN and an END line (RFC 7468). */
import { base64, bytesOf, fromBase64, toUint8Array } from '../../kernel/bytes.ts';

export interface PemBlock {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export function toPem(type: string, bytes: Uint8Array): string {
  const lines = base64(bytesOf(bytes)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${type}-----\n${lines.join('\n')}\n-----END ${type}-----\n`;
}

/** Every block of a file, in order. What is between blocks is skipped; a block that is no base64 too. */
export function parsePem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  for (const match of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]*?)-----END \1-----/g)) {
    const bytes = fromBase64(match[2]!);
    if (bytes !== undefined) blocks.push({ type: match[1]!, bytes: toUint8Array(bytes) });
  }
  return blocks;
}
