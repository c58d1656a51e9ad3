/** What the API server would say about a manifest, and where. */
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Kind } from '../../../emulator/api/kind.ts';
import { decode } from '../../../emulator/machinery/decode.ts';
import { fieldErrorBody } from '../../../emulator/machinery/field-error.ts';
import type { ApiObject } from '../../../emulator/machinery/objects.ts';
import { parseYaml, YamlError } from '../../../emulator/machinery/yaml.ts';
import { kindCalled, partsOf } from './documents.ts';

export interface Diagnostic {
  /** Offsets in the text. */
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/** A text of more than this is not looked at while it is being typed. */
const maxLength = 200_000;

/** Everything that is wrong with the documents of a text. */
export function diagnose(text: string): readonly Diagnostic[] {
  if (text.length > maxLength) return [];
  return partsOf(text).flatMap(({ from, text: part }) =>
    diagnoseOne(part).map((found) => ({ ...found, from: from + found.from, to: from + found.to })),
  );
}

function diagnoseOne(text: string): readonly Diagnostic[] {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return [unreadable(text, error)];
  }
  if (value === null) return [];
  const place = placesIn(text);
  if (typeof value !== 'object' || Array.isArray(value)) return [place('', 'a manifest is a map with apiVersion and kind')];
  const { apiVersion, kind } = value as Partial<ApiObject>;
  if (!kind) return [place('', "Object 'Kind' is missing")];
  if (!apiVersion) return [place('kind', 'apiVersion not set')];
  const descriptor = kindCalled(apiVersion, kind);
  // It may be a custom resource, of which only the cluster knows.
  if (!descriptor) return [];
  return faultsOf(value, descriptor).map(({ field, message }) => place(field, message));
}

function unreadable(text: string, error: YamlError): Diagnostic {
  const { errors } = parseDocument(text, { version: '1.1', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  const [from, to] = errors[0]?.pos ?? [0, text.length];
  return { from, to: Math.max(to, from + 1), message: error.message };
}

interface Fault {
  readonly field: string;
  readonly message: string;
}

function faultsOf(value: object, kind: Kind): readonly Fault[] {
  let decoded: { readonly object: ApiObject; readonly strictErrors: readonly string[] };
  try {
    decoded = decode<ApiObject>(value, kind.model);
  } catch (error) {
    const message = (error as Error).message;
    return [{ field: /struct field \w+\.(\S+) of type/.exec(message)?.[1] ?? '', message }];
  }
  const unknown = decoded.strictErrors.map((message) => ({ field: /"(.*)"/.exec(message)?.[1] ?? '', message }));
  return [...unknown, ...illegal(decoded.object, kind)];
}

/** What the kind's validation finds once defaults are set, as for an object that is created in a namespace. */
function illegal(sent: ApiObject, kind: Kind): readonly Fault[] {
  const { metadata = {} as ApiObject['metadata'] } = sent;
  const namespace = kind.isNamespaced ? (metadata.namespace ?? 'default') : undefined;
  const name = metadata.name || (metadata.generateName ? `${metadata.generateName}x` : '');
  const object = kind.setDefaults({ ...sent, metadata: { ...metadata, name, namespace } });
  return kind.validate(object).map((error) => ({ field: error.field, message: `${error.field}: ${fieldErrorBody(error)}` }));
}

/** Finds where a field stands: its key, or that of the nearest part around it which is there. */
function placesIn(text: string): (field: string, message: string) => Diagnostic {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  return (field, message) => ({ ...rangeOf(document, stepsOf(field)), message });
}

/** `spec.containers[0].image` and `metadata.labels[a.b/c]` as steps. */
function stepsOf(field: string): readonly (string | number)[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, index, name]) =>
    index === undefined ? name! : /^\d+$/.test(index) ? Number(index) : index,
  );
}

function rangeOf(document: Document, steps: readonly (string | number)[]): { readonly from: number; readonly to: number } {
  let node = document.contents as Node | null;
  let found = firstKey(node);
  for (const step of steps) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      found = spanOf(pair.key as Node);
      node = pair.value as Node | null;
    } else if (isSeq(node) && typeof step === 'number' && node.items[step]) {
      node = node.items[step] as Node;
      found = firstKey(node) ?? spanOf(node);
    } else break;
  }
  // The value itself is wrong, where it is one word.
  if (isScalar(node) && found) return { from: found.from, to: node.range?.[1] ?? found.to };
  return found ?? { from: 0, to: 1 };
}

function firstKey(node: Node | null): { from: number; to: number } | undefined {
  return isMap(node) && node.items[0] ? spanOf(node.items[0].key as Node) : undefined;
}

function spanOf(node: Node): { from: number; to: number } {
  const [from, to] = node.range ?? [0, 1];
  return { from, to };
}
