/** Archives as hostile or honest programs write them. */
import { zipSync } from 'fflate';
import type { Zippable } from 'fflate';

export interface TarMember {
  readonly name: string;
  readonly text?: string | undefined;
  /** `0` a file, `1` and `2` links, `5` a folder. */
  readonly type?: string | undefined;
  /** What the header claims. */
  readonly size?: number | undefined;
  readonly link?: string | undefined;
}

export function tar(members: readonly TarMember[]): Uint8Array {
  const blocks = members.flatMap(({ name, text = '', type = '0', size, link = '' }) => {
    const body = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${(size ?? body.length).toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write('ustar\x0000', 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** `mode`: Unix permissions and type of every member. */
export function zip(files: Readonly<Record<string, string | Uint8Array>>, mode?: number): Uint8Array {
  const attrs = mode === undefined ? {} : { os: 3, attrs: (mode << 16) >>> 0 };
  const members: Zippable = {};
  for (const [name, content] of Object.entries(files))
    members[name] = [typeof content === 'string' ? Buffer.from(content) : content, { ...attrs, level: 9 }];
  return zipSync(members);
}
