/** A lab's start manifests as objects. */
import { parseYamlDocuments } from '../../emulator/machinery/yaml.ts';
import type { LabDefinition } from '../../lab/format.ts';

export interface StartObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

export function objectsOf({ start }: LabDefinition): readonly StartObject[] {
  return start.flatMap(({ text }) => parseYamlDocuments(text).filter((value) => value !== null) as unknown as StartObject[]);
}
