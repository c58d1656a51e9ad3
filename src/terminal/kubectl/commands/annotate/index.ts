/** kubectl annotate. Upstream: kubectl/pkg/cmd/annotate/annotate.go. */

import { changeMetadata, metadataFlags } from '../../changes/change-metadata.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError } from '../../errors.ts';

export const annotate: Command = {
  name: 'annotate',
  short: 'Update the annotations on a resource',
  usage: 'annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  examples: ["annotate pods web description='my frontend'", 'annotate pods web description-'],
  flags: metadataFlags('kubectl-annotate', 'annotations'),
  complete: completeObjects,
  run: (invocation) =>
    changeMetadata(invocation, {
      field: 'annotations',
      word: 'annotation',
      parse: (spec) => {
        const equals = spec.indexOf('=');
        if (equals > 0) return { key: spec.slice(0, equals), value: spec.slice(equals + 1) };
        if (spec.endsWith('-')) return { key: spec.slice(0, -1), value: undefined };
        throw new CommandError(`invalid annotation format: ${spec}`);
      },
      noPairs: 'at least one annotation update is required',
      overwriteError: (taken) => [
        `--overwrite is false but found the following declared annotation(s): ${taken.map(({ key, value }) => `'${key}' already has a value (${value})`).join('; ')}`,
      ],
      done: () => 'annotated',
    }),
};
