/** curl: one HTTP request after another, with curl's texts and exit codes (curl.se/docs/manpage.html). */
import type { Call, Program, Sys } from '../../../../emulator/kernel/index.ts';
import type { Url } from '../../../../emulator/node/network/index.ts';
import { parseUrl, resolveUrl } from '../../../../emulator/node/network/index.ts';
import type { CurlOptions } from './curl-options.ts';
import { CurlError, readOptions } from './curl-options.ts';
import type { Transfer } from './curl-transfer.ts';
import { ask, headText, newTransfer, receive, writeOut } from './curl-transfer.ts';

const version = 'curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1\nProtocols: http https\nFeatures: HTTPS-proxy SSL\n';
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export const curl: Program = function* (sys) {
  if (sys.argv.includes('--version') || sys.argv.includes('-V')) {
    yield* sys.print(1, version);
    return 0;
  }
  let options: CurlOptions;
  try {
    options = readOptions(sys);
    if (options.urls.length === 0) throw new CurlError(2, 'no URL specified');
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    const isOption = error.message.startsWith('option ');
    yield* sys.print(
      2,
      `curl: ${isOption ? '' : `(${error.code}) `}${error.message}\n${isOption ? "curl: try 'curl --help' or 'curl --manual' for more information\n" : ''}`,
    );
    return error.code;
  }
  let code = 0;
  for (const [i, url] of options.urls.entries()) code = yield* withRetries(sys, options, url, i);
  return code;
};

const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

function* withRetries(sys: Sys, options: CurlOptions, url: string, index: number): Call<number> {
  for (let attempt = 0; ; attempt++) {
    const transfer = yield* perform(sys, options, url, index);
    const { exitCode, response } = transfer;
    const isPassing = exitCode === 28 || exitCode === 6 || (response !== undefined && passing.has(response.status));
    const mayRetry =
      attempt < options.retries && (isPassing || (exitCode === 7 && options.retryRefused) || (exitCode !== 0 && options.retryAll));
    if (exitCode !== 0 && options.showError) yield* sys.print(2, `curl: (${exitCode}) ${transfer.error}\n`);
    if (!mayRetry) {
      if (options.writeOut !== '') yield* sys.print(1, writeOut(options.writeOut, transfer, sys));
      return exitCode;
    }
    const delayMs = options.retryDelayMs ?? Math.min(600_000, 1000 * 2 ** attempt);
    if (!options.silent)
      yield* sys.print(
        2,
        `Warning: Problem: ${exitCode === 28 ? 'timeout' : exitCode === 7 ? 'connection refused' : exitCode === 6 ? '(retrying all errors)' : 'HTTP error'}. Will retry in ${delayMs / 1000} second${delayMs === 1000 ? '' : 's'}. ${options.retries - attempt} ${options.retries - attempt === 1 ? 'retry' : 'retries'} left.\n`,
      );
    yield* sys.sleep(delayMs);
  }
}

function* perform(sys: Sys, options: CurlOptions, text: string, index: number): Call<Transfer> {
  const transfer = newTransfer(sys.nowMs);
  try {
    let url = withQuery(urlOf(text), options.query);
    let { method, body } = options;
    for (;;) {
      transfer.url = url;
      const response = yield* ask(sys, options, url, { method, body }, transfer);
      transfer.response = response;
      const location = response.headers.location;
      const next = redirects.has(response.status) && location !== undefined ? resolveUrl(url, location) : undefined;
      if (next) transfer.redirectURL = `${next.scheme}://${next.authority}${next.target}`;
      if (!next || !options.follow) {
        yield* receive(sys, options, response, transfer, index);
        return transfer;
      }
      if (transfer.redirects++ >= options.maxRedirects) throw new CurlError(47, `Maximum (${options.maxRedirects}) redirects followed`);
      if (options.include) yield* sys.print(1, headText(response));
      if (options.verbose)
        yield* sys.print(2, `* Ignoring the response-body\n* Issue another request to this URL: '${transfer.redirectURL}'\n`);
      if ((response.status === 303 || ((response.status === 301 || response.status === 302) && method === 'POST')) && method !== 'HEAD')
        [method, body] = ['GET', undefined];
      url = next;
    }
  } catch (error) {
    if (!(error instanceof CurlError)) throw error;
    transfer.exitCode = error.code;
    transfer.error = error.message;
    return transfer;
  }
}

function urlOf(text: string): Url {
  const url = parseUrl(text);
  if (!url)
    throw new CurlError(
      3,
      /^\w+:\/\/(\/|$)/.test(text)
        ? 'URL rejected: No host part in the URL'
        : /:\d{5,}/.test(text)
          ? 'URL rejected: Port number was not a decimal number between 0 and 65535'
          : 'URL rejected: Malformed input to a URL function',
    );
  if (url.scheme !== 'http' && url.scheme !== 'https') throw new CurlError(1, `Protocol "${url.scheme}" not supported`);
  return url;
}

function withQuery(url: Url, query: string): Url {
  return query === '' ? url : { ...url, target: `${url.target}${url.target.includes('?') ? '&' : '?'}${query}` };
}
