import { expect, test } from 'vitest';
import type { TabOptions } from './tabwriter.ts';
import { describeTabs, TabWriter, tableTabs } from './tabwriter.ts';

function check(texts: readonly string[], options: TabOptions): string {
  const writer = new TabWriter(options);
  return texts
    .map((text) => {
      writer.write(text);
      return writer.flush();
    })
    .join('');
}

test.each([
  {
    name: 'columns are as wide as their widest cell',
    texts: ['NAME\tAGE\nlong-name-here\t5s\n'],
    options: tableTabs,
    want: 'NAME             AGE\nlong-name-here   5s\n',
  },
  { name: 'a column has at least six characters', texts: ['A\tB\na\tb\n'], options: tableTabs, want: 'A     B\na     b\n' },
  {
    name: 'widths are remembered from flush to flush',
    texts: ['NAME\tAGE\nlong-name-here\t5s\n', 'b\t6s\n'],
    options: tableTabs,
    want: 'NAME             AGE\nlong-name-here   5s\nb                6s\n',
  },
  {
    name: 'a line without the column ends its block',
    texts: ['a:\t1\nheading\nlonger:\t2\n'],
    options: describeTabs,
    want: 'a:  1\nheading\nlonger:  2\n',
  },
  { name: 'the last cell is not padded', texts: ['a\tb\t\n'], options: describeTabs, want: 'a  b  \n' },
  { name: 'characters count, not bytes', texts: ['ä\tx\nbb\ty\n'], options: describeTabs, want: 'ä   x\nbb  y\n' },
])('$name', ({ texts, options, want }) => {
  expect(check(texts, options)).toBe(want);
});
