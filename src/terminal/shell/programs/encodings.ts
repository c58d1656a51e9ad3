/** base64, and checksums with real hashes. */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { Errno, base64 as encode, fromBase64, readAll, textOf, toUint8Array } from '../../../emulator/kernel/index.ts';
import type { ByteString, Program } from '../../../emulator/kernel/index.ts';
import { UsageError, complain, forEachInput, linesOf, readText, tool } from './tool.ts';

export const base64 = tool(
  { short: 'diw:', long: { decode: 'd', 'ignore-garbage': 'i', 'wrap=': 'w' }, usage: '[OPTION]... [FILE]' },
  function* (sys, options) {
    const width = Number(options.value('w') ?? 76);
    if (!Number.isInteger(width) || width < 0) throw new UsageError(`invalid wrap size: '${options.value('w')}'`, { hint: false });
    let isValid = true;
    const status = yield* forEachInput(sys, options.operands.slice(0, 1), function* (fd) {
      const data = yield* readAll(sys, fd);
      if (!options.has('d')) {
        const text = encode(data);
        const lines = width === 0 ? [text] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
        yield* sys.print(1, width === 0 ? text : lines.map((line) => `${line}\n`).join(''));
        return;
      }
      const clean = options.has('i') ? data.replace(/[^A-Za-z0-9+/=]/g, '') : data.replace(/[\r\n]/g, '');
      const whole = /^[A-Za-z0-9+/]*={0,2}/.exec(clean)![0];
      // What can be had of an input that was cut off is written before the error.
      const decoded = fromBase64(
        whole.length % 4 > 1 ? whole.padEnd(whole.length + 4 - (whole.length % 4), '=') : whole.slice(0, whole.length - (whole.length % 4)),
      );
      yield* sys.write(1, decoded ?? ('' as ByteString));
      isValid = decoded !== undefined && whole === clean && whole.length % 4 === 0;
    });
    return isValid ? status : yield* complain(sys, 'invalid input');
  },
);

function checksum(hash: (data: Uint8Array) => Uint8Array): Program {
  const digest = (bytes: ByteString): string =>
    Array.from(hash(toUint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return tool(
    { short: 'cbtq', long: { check: 'c', binary: 'b', text: 't', quiet: 'quiet', status: 'status' }, usage: '[OPTION]... [FILE]...' },
    function* (sys, options) {
      if (!options.has('c')) {
        return yield* forEachInput(sys, options.operands, function* (fd, path) {
          yield* sys.print(1, `${digest(yield* readAll(sys, fd))} ${options.has('b') ? '*' : ' '}${path}\n`);
        });
      }
      let failed = 0;
      for (const list of options.operands.length > 0 ? options.operands : ['-']) {
        for (const line of linesOf(yield* readText(sys, list))) {
          const match = /^([\da-f]+) [ *](.+)$/.exec(line);
          if (!match) continue;
          let verdict = 'OK';
          try {
            const fd = sys.open(match[2]!, 'read');
            if (digest(yield* readAll(sys, fd)) !== match[1]) verdict = 'FAILED';
            sys.fds.close(fd);
          } catch (error) {
            if (!(error instanceof Errno)) throw error;
            yield* complain(sys, `${match[2]}: ${error.message}`);
            verdict = 'FAILED open or read';
          }
          if (verdict !== 'OK') failed++;
          if (!options.has('status') && !(options.has('quiet') && verdict === 'OK')) yield* sys.print(1, `${match[2]}: ${verdict}\n`);
        }
      }
      if (failed > 0 && !options.has('status'))
        yield* complain(sys, `WARNING: ${failed} computed checksum${failed > 1 ? 's' : ''} did NOT match`);
      return Number(failed > 0);
    },
  );
}

export const md5sum = checksum(md5);
export const sha1sum = checksum(sha1);
export const sha256sum = checksum(sha256);
export const sha512sum = checksum(sha512);

/** hexdump -C, and `xxd`'s everyday form. */
export const hexdump = tool({ short: 'Cn:v', usage: '[-C] [-n length] [file...]' }, function* (sys, options) {
  return yield* forEachInput(sys, options.operands, function* (fd) {
    const data = (yield* readAll(sys, fd)).slice(0, options.has('n') ? Number(options.value('n')) : undefined);
    let out = '';
    for (let at = 0; at < data.length; at += 16) {
      const row = data.slice(at, at + 16);
      const bytes = Array.from(row, (char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
      const printable = row.replace(/[^\x20-\x7e]/g, '.');
      if (options.has('C'))
        out += `${at.toString(16).padStart(8, '0')}  ${bytes.slice(0, 8).join(' ').padEnd(23)}  ${bytes.slice(8).join(' ').padEnd(23)}  |${printable}|\n`;
      else
        out += `${at.toString(16).padStart(7, '0')} ${(bytes.join(' ').match(/\S\S(?: \S\S)?/g) ?? []).map((pair) => pair.split(' ').reverse().join('')).join(' ')}\n`;
    }
    yield* sys.print(1, out + (data === '' ? '' : `${data.length.toString(16).padStart(options.has('C') ? 8 : 7, '0')}\n`));
  });
});

/** Text without what is not printable, four characters or more in a row. */
export const strings = tool({ short: 'n:a', usage: '[option(s)] [file(s)]' }, function* (sys, options) {
  const least = Number(options.value('n') ?? 4);
  return yield* forEachInput(sys, options.operands, function* (fd) {
    const found = textOf(yield* readAll(sys, fd)).match(new RegExp(`[\\x20-\\x7e\\t]{${least},}`, 'g')) ?? [];
    yield* sys.print(1, found.map((line) => `${line}\n`).join(''));
  });
});
