/** Scripts with what they print and how they end, recorded after comparison with bash 5.2, coreutils, sed, awk and jq of Debian 12. */
import { describe, expect, test } from 'vitest';
import { run } from './test-machine.ts';
import awk from './transcripts/awk.json';
import files from './transcripts/files.json';
import jq from './transcripts/jq.json';
import language from './transcripts/language.json';
import sed from './transcripts/sed.json';

describe.each(Object.entries({ language, files, sed, awk, jq }))('%s', (_, rows) => {
  test.each(rows)('$script', ({ script, ...want }) => {
    const { out, err, code } = run(script);
    expect({ out, err, code }).toEqual(want);
  });
});
