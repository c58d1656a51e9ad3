/** What kubectl logs of its requests on stderr under `-v`: one line each from 6, headers from 7 and 8, bodies from 8. */

import type { Call, HttpResponse, Sys } from '../../../emulator/kernel/index.ts';
import { civilTime, OpenFile, textOf } from '../../../emulator/kernel/index.ts';
import type { RestRequest } from './rest-client.ts';

export interface Klog {
  request(request: RestRequest, url: string, headers: Readonly<Record<string, string>>): Call<void>;
  /** `response` is absent when no answer came. */
  response(request: RestRequest, url: string, response: HttpResponse | undefined, tookMs: number): Call<void>;
}

const reasons: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'Request Entity Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export function createKlog(sys: Sys, verbosity: number): Klog {
  function* line(source: string, text: string): Call<void> {
    yield* sys.print(2, `${klogHeader(sys, 'I', source)} ${text}\n`);
  }
  return {
    *request(request, url, headers) {
      if (verbosity < 7) return;
      if (verbosity >= 8 && request.body !== undefined)
        yield* line('helper.go:113]', `"Request Body" body=${JSON.stringify(bodyText(request.body))}`);
      const shown = Object.entries(headers)
        .filter(([name]) => name !== 'host')
        .map(([name, value]) => `\t${canonical(name)}: ${mask(name, value)}\n`);
      yield* line(
        'round_trippers.go:527]',
        `"Request" verb=${JSON.stringify(request.method)} url=${JSON.stringify(url)} headers=<\n${shown.sort().join('')}\t >`,
      );
    },
    *response(request, url, response, tookMs) {
      if (verbosity < 6) return;
      const status = response === undefined ? '' : `${response.status} ${reasons[response.status] ?? ''}`;
      const took = Math.round(tookMs);
      if (verbosity === 6) {
        yield* line(
          'round_trippers.go:632]',
          `"Response" verb=${JSON.stringify(request.method)} url=${JSON.stringify(url)} status=${JSON.stringify(status)} milliseconds=${took}`,
        );
        return;
      }
      const headers = Object.entries(response?.headers ?? {}).map(([name, value]) => `\t${canonical(name)}: ${value}\n`);
      yield* line(
        'round_trippers.go:632]',
        `"Response" status=${JSON.stringify(status)} headers=<\n${headers.sort().join('')}\t > milliseconds=${took}`,
      );
      if (verbosity >= 8 && response && !(response.body instanceof OpenFile)) {
        const text = bodyText(response.body);
        const shown = verbosity >= 9 || text.length <= 1024 ? text : `${text.slice(0, 1024)} [truncated ${text.length - 1024} chars]`;
        yield* line('helper.go:113]', `"Response Body" body=${JSON.stringify(shown)}`);
      }
    },
  };
}

/** The front of a klog line, e.g. `I1121 06:02:57.607579   10063 round_trippers.go:632]`. */
export function klogHeader(sys: Sys, severity: 'I' | 'W' | 'E', source: string): string {
  const t = civilTime(sys.kernel.clock.unixMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${severity}${two(t.month)}${two(t.day)} ${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.ms).padStart(3, '0')}000 ${String(sys.pid).padStart(7)} ${source}`;
}

function bodyText(body: object | string): string {
  return typeof body === 'string' ? textOf(body as Parameters<typeof textOf>[0]) : JSON.stringify(body);
}

function mask(name: string, value: string): string {
  return name === 'authorization' ? 'Bearer <masked>' : value;
}

function canonical(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
