/** From the bytes of a body to a plain value. */
import { textOf } from '../../../kernel/index.ts';
import type { ByteString, HttpRequest } from '../../../kernel/index.ts';
import { countMembers, duplicateFields, measureJson } from '../../../machinery/json-text.ts';
import { badRequest, requestEntityTooLarge, StatusError, unsupportedMediaType } from '../../../machinery/status-error.ts';
import { parseYaml, YamlError } from '../../../machinery/yaml.ts';
import type { DuplicateKey } from '../../../machinery/yaml.ts';

/** `MaxRequestBodyBytes` of the API server. */
const maxBytes = 3 * 1024 * 1024;

/** Differs from Kubernetes: Go's decoder goes ten thousand levels deep. */
const maxDepth = 1000;

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
    return readJson(text);
  } catch (error) {
    if (error instanceof YamlError) throw badRequest(`error decoding YAML: ${error.message}`);
    if (error instanceof StatusError) throw error;
    throw badRequest(`invalid request body: ${(error as Error).message}`);
  }
}

function readJson(text: string): Body {
  const { members, depth } = measureJson(text);
  if (depth > maxDepth) throw badRequest('invalid request body: exceeded max depth');
  const value: unknown = JSON.parse(text);
  const duplicates = members === countMembers(value) ? [] : duplicateFields(text);
  return { value, errors: duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`), isObject: false };
}

/** As a strict decoder names a key that stands twice. */
function duplicateText({ line, key }: DuplicateKey): string {
  return `yaml: unmarshal errors:\n  line ${line}: key ${JSON.stringify(key)} already set in map`;
}
