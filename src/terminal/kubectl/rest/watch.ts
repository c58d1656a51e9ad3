/** Watches over HTTP: a body of JSON lines, one event each. */

import type { Call, Sys } from '../../../emulator/kernel/index.ts';
import { OpenFile } from '../../../emulator/kernel/index.ts';
import { CommandError } from '../errors.ts';
import type { Json } from '../json.ts';
import { LineStream } from './line-stream.ts';
import type { RestClient, RestRequest } from './rest-client.ts';

export interface WatchStream {
  /** The next event; undefined when the server ended the watch or the time has come. */
  next(untilMs?: number): Call<Json>;
  readonly isTimedOut: boolean;
  close(): void;
}

export function* watchLines(sys: Sys, client: RestClient, request: Pick<RestRequest, 'path' | 'query' | 'accept'>): Call<WatchStream> {
  const response = yield* client.send({ method: 'GET', ...request });
  if (!(response.body instanceof OpenFile)) throw new CommandError('unable to decode an event from the watch stream');
  const lines = new LineStream(sys, response.body);
  return {
    *next(untilMs) {
      const line = yield* lines.next(untilMs);
      return line === undefined ? undefined : JSON.parse(line);
    },
    get isTimedOut() {
      return lines.isTimedOut;
    },
    close: () => lines.close(),
  };
}
