/** What nginx itself says, whoever configures it: its pages and the time in its log. */
import type { HttpResponse } from '../kernel/index.ts';
import { civilTime, utf8 } from '../kernel/index.ts';

const phrases: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Found',
  308: 'Permanent Redirect',
  303: 'See Other',
  307: 'Temporary Redirect',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A page as nginx makes it, with a Location for a redirect. */
export function page(status: number, location?: string): HttpResponse {
  const title = `${status} ${phrases[status]}`;
  const body = utf8(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`,
  );
  const headers = { 'content-type': 'text/html', 'content-length': String(body.length), ...(location !== undefined && { location }) };
  return { status, headers, body };
}

/** `$time_local` of an access log. */
export function logTime(unixMs: number): string {
  const t = civilTime(unixMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(t.day)}/${months[t.month - 1]}/${t.year}:${two(t.hour)}:${two(t.minute)}:${two(t.second)} +0000`;
}
