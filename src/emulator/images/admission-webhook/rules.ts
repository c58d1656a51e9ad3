/** What the webhook is told to do: flags, which may also stand one a line in a file (a mounted ConfigMap), so that they can be changed. */
import { parseDuration } from '../../machinery/duration.ts';

export interface Rules {
  /** `key` or `key=value`: an object with such a label is refused. */
  readonly denyLabels: readonly string[];
  /** An object without such a label is refused. */
  readonly requireLabels: readonly string[];
  /** A Pod with an image that begins so is refused. */
  readonly denyImages: readonly string[];
  /** `user:verb:resource`, each of which may be `*`: what the authorizer says to requests like that. */
  readonly allowAccess: readonly string[];
  readonly denyAccess: readonly string[];
  /** `key=value`. */
  readonly addLabels: readonly string[];
  readonly addAnnotations: readonly string[];
  readonly warnings: readonly string[];
  /** `hostPort:host,port`: fields that stand for one in another version of a custom resource. */
  readonly splits: readonly string[];
  readonly message: string | undefined;
  readonly delayMs: number;
  /** The HTTP status that it answers in place of a review. */
  readonly failWith: number | undefined;
}

const lists = {
  'deny-label': 'denyLabels',
  'require-label': 'requireLabels',
  'deny-image': 'denyImages',
  'allow-access': 'allowAccess',
  'deny-access': 'denyAccess',
  'add-label': 'addLabels',
  'add-annotation': 'addAnnotations',
  warn: 'warnings',
  split: 'splits',
} as const;

export const ruleNames = [...Object.keys(lists), 'message', 'delay', 'fail'];

/** The rules of `--name=value` words and of the lines of a file, where the dashes may be left out. Throws for a rule that is none. */
export function readRules(words: readonly string[]): Rules {
  const found: Record<(typeof lists)[keyof typeof lists], string[]> = {
    denyLabels: [],
    requireLabels: [],
    denyImages: [],
    allowAccess: [],
    denyAccess: [],
    addLabels: [],
    addAnnotations: [],
    warnings: [],
    splits: [],
  };
  let message: string | undefined;
  let delayMs = 0;
  let failWith: number | undefined;
  for (const word of words) {
    const match = /^(?:--)?([a-z-]+)=(.*)$/.exec(word);
    const [, name = '', value = ''] = match ?? [];
    if (name in lists) found[lists[name as keyof typeof lists]].push(value);
    else if (name === 'message') message = value;
    else if (name === 'delay') delayMs = parseDuration(value) ?? 0;
    else if (name === 'fail') failWith = Number(value) || 500;
    else throw new Error(`unknown rule: ${word}`);
  }
  return { ...found, message, delayMs, failWith };
}
