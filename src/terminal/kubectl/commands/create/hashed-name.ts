/** --append-hash. Upstream: kubectl/pkg/util/hash/hash.go. */
import { marshalCompact } from '../../../../emulator/machinery/json.ts';
import type { Json } from '../../json.ts';
import { hashSuffix } from '../../kustomize/generators.ts';

/** The name with ten letters behind it that stand for the content. */
export function hashedName(name: string, { binaryData, ...content }: Json): string {
  const hasBinary = Object.keys(binaryData ?? {}).length > 0;
  return `${name}-${hashSuffix(marshalCompact({ ...content, ...(hasBinary && { binaryData }) }))}`;
}
