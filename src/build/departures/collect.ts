/** Collects what the code itself says about where it departs from Kubernetes, or could not check. */
import fs from 'node:fs';
import path from 'node:path';

export interface Departure {
  readonly kind: 'Differs from Kubernetes' | 'Unverified';
  /** The sentence, without its marker. */
  readonly text: string;
  /** The room it stands in, e.g. `node/kubelet`. */
  readonly room: string;
  readonly file: string;
}

const marker = /(Differs from Kubernetes|Unverified): (.*)$/;

/** Departures of all source files, in the order of their paths. */
export function collectDepartures(root = 'src'): readonly Departure[] {
  const files = (fs.readdirSync(root, { recursive: true }) as string[])
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.ts|generated\/|^build\//.test(name))
    .sort();
  return files.flatMap((name) => departuresIn(path.join(root, name)));
}

function departuresIn(file: string): readonly Departure[] {
  const lines = fs.readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, i) => {
    const match = marker.exec(line);
    if (!match || !/^\s*(\/\/|\/?\*)|\/\/ /.test(line)) return [];
    const text = [match[2]!, ...continuation(lines, i)]
      .join(' ')
      .replace(/\s*\*\/\s*$/, '')
      .trim();
    const room = path.dirname(file).replace(/^src\/(emulator\/)?/, '');
    return [{ kind: match[1] as Departure['kind'], text, room, file }];
  });
}

/** Following lines of the same comment, up to its end, a blank line or the next sentence that opens with a marker. */
function continuation(lines: readonly string[], from: number): readonly string[] {
  const isLineComment = /^\s*\/\/|\s\/\/ /.test(lines[from]!);
  const rest: string[] = [];
  if (lines[from]!.includes('*/')) return rest;
  for (const line of lines.slice(from + 1)) {
    const text = isLineComment ? /^\s*\/\/ (.*)$/.exec(line)?.[1] : /^\s*\* (.*)$/.exec(line)?.[1];
    if (text === undefined || marker.test(text) || text.startsWith('@') || text.startsWith('- ')) break;
    rest.push(text);
    if (line.includes('*/')) break;
  }
  return rest;
}

/** The generated half of the fidelity page. */
export function departuresPage(departures: readonly Departure[]): string {
  const rooms = [...new Set(departures.map(({ room }) => room))].sort();
  const section = (room: string): string => {
    const rows = departures.filter((departure) => departure.room === room);
    return `## ${room}\n\n${rows.map(({ kind, text }) => `- ${kind === 'Unverified' ? '*Unverified.* ' : ''}${escapeMdx(text)}`).join('\n')}\n`;
  };
  return `---
title: Departures
description: Every place in the code that says where it differs from Kubernetes.
---

# Departures

Collected from the comments in the code by \`npm run departures\`; a test holds this page to them. *Unverified* marks what could not be checked against upstream.

${rooms.map(section).join('\n')}`;
}

/** Text as MDX: outside of code, braces and angle brackets would be read as expressions and tags. */
function escapeMdx(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[{}<>]/g, (char) => `\\${char}`)))
    .join('');
}
