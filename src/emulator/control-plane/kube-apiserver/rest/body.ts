/** From the bytes of a body to a plain value. */
import { textOf } from '../../../kernel/index.ts';
import type { ByteString, HttpRequest } from '../../../kernel/index.ts';
import { badRequest, requestEntityTooLarge, unsupportedMediaType } from '../../../machinery/status-error.ts';
import { parseYaml, YamlError } from '../../../machinery/yaml.ts';
import type { DuplicateKey } from '../../../machinery/yaml.ts';

/** `MaxRequestBodyBytes` of the API server. */
const maxBytes = 3 * 1024 * 1024;

export interface Body {
  readonly value: unknown;
  /** Keys that stand twice. */
  readonly errors: readonly string[];
  /** The body was an object of this process and not text. */
  readonly isObject: boolean;
}

/** Throws 413, 415 or 400. `accepted` are the media types that the verb takes, `named` how it says so. */
export function readBody(request: HttpRequest, accepted: readonly string[], named = accepted.join(', ')): Body {
  const { body } = request;
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]!.trim();
  if (!accepted.includes(type)) {
    throw unsupportedMediaType(`the body of the request was in an unknown format - accepted media types include: ${named}`);
  }
  if (body === undefined || body === '') return { value: undefined, errors: [], isObject: false };
  if (typeof body === 'object') return { value: body, errors: [], isObject: true };
  if (body.length > maxBytes) throw requestEntityTooLarge(`limit is ${maxBytes}`);
  return readText(textOf(body as ByteString), type);
}

function readText(text: string, type: string): Body {
  try {
    if (type.endsWith('yaml')) {
      const duplicates: DuplicateKey[] = [];
      const value = parseYaml(text, duplicates);
      return { value, errors: duplicates.map(duplicateText), isObject: false };
    }
    return { value: JSON.parse(text), errors: [], isObject: false };
  } catch (error) {
    if (error instanceof YamlError) throw badRequest(`error decoding YAML: ${error.message}`);
    throw badRequest(`invalid request body: ${(error as Error).message}`);
  }
}

/** As a strict decoder names a key that stands twice. */
function duplicateText({ line, key }: DuplicateKey): string {
  return `yaml: unmarshal errors:\n  line ${line}: key ${JSON.stringify(key)} already set in map`;
}
