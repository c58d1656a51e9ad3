/** kubectl label. Upstream: kubectl/pkg/cmd/label/label.go. */

import { labelValue } from '../../../../emulator/machinery/names.ts';
import { changeMetadata, metadataFlags } from '../../changes/change-metadata.ts';
import type { Command } from '../../command.ts';
import { completeObjects } from '../../completion.ts';
import { CommandError } from '../../errors.ts';

export const label: Command = {
  name: 'label',
  short: 'Update the labels on a resource',
  usage: 'label [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]',
  examples: ['label pods web tier=front', 'label --overwrite pods web tier=back', 'label pods web tier-'],
  flags: metadataFlags('kubectl-label', 'labels'),
  complete: completeObjects,
  run: (invocation) =>
    changeMetadata(invocation, {
      field: 'labels',
      word: 'label',
      parse: (spec) => {
        const [key, value, ...more] = spec.split('=') as [string, string | undefined, ...string[]];
        if (value === undefined && spec.endsWith('-')) return { key: spec.slice(0, -1), value: undefined };
        if (more.length > 0) throw new CommandError(`invalid label spec: ${spec}`);
        if (value === undefined) throw new CommandError(`unknown label spec: ${spec}`);
        if (labelValue(value).length > 0)
          throw new CommandError(`invalid label value: ${JSON.stringify(spec)}: ${labelValue(value).join(';')}`);
        return { key, value };
      },
      noPairs: 'at least one label update is required',
      overwriteError: (taken) => taken.map(({ key, value }) => `'${key}' already has a value (${value}), and --overwrite is false`),
      done: (before, after, removed) => {
        if (JSON.stringify(before) === JSON.stringify(after)) return 'not labeled';
        return removed > 0 && Object.keys(after).every((key) => before[key] === after[key]) ? 'unlabeled' : 'labeled';
      },
    }),
};
