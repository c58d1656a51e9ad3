import type { Call, HttpRequest, HttpResponse, Peer, Sys } from '../../kernel/index.ts';
import { utf8 } from '../../kernel/index.ts';
import { answer, fileAt, httpDate, logDate, mediaType, serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';

const documentRoot = '/usr/local/apache2/htdocs';

function respond(sys: Sys, server: string, request: HttpRequest): HttpResponse {
  const { path } = targetPath(request.target);
  const headers = { date: httpDate(sys.kernel.clock.unixMs), server };
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answer(
      request,
      405,
      { ...headers, allow: 'GET,HEAD', 'content-type': 'text/html; charset=iso-8859-1' },
      page(405, 'Method Not Allowed', `The requested method ${request.method} is not allowed for this URL.`),
    );
  const file = `${documentRoot}${path.endsWith('/') ? `${path}index.html` : path}`;
  const body = fileAt(sys.fs, file);
  if (body === undefined)
    return answer(
      request,
      404,
      { ...headers, 'content-type': 'text/html; charset=iso-8859-1' },
      page(404, 'Not Found', 'The requested URL was not found on this server.'),
    );
  return {
    status: 200,
    headers: { ...headers, 'accept-ranges': 'bytes', 'content-length': String(body.length), 'content-type': mediaType(file, 'text/plain') },
    body: request.method === 'HEAD' ? utf8('') : body,
  };
}

const page = (status: number, title: string, text: string): string =>
  `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`;

function httpdProgram(version: string) {
  return function* (sys: Sys): Call<number> {
    const server = `Apache/${version} (Unix)`;
    const handler = function* (request: HttpRequest, peer: Peer): Call<HttpResponse> {
      const response = respond(sys, server, request);
      sys.fds
        .get(1)
        .write(
          utf8(
            `${peer.ip} - - [${logDate(sys.kernel.clock.unixMs)}] "${request.method} ${request.target} HTTP/1.1" ${response.status} ${response.headers['content-length'] ?? '-'}\n`,
          ),
        );
      return response;
    };
    yield* sys.print(
      2,
      `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${sys.net.addresses[0] ?? '127.0.0.1'}. Set the 'ServerName' directive globally to suppress this message\n`,
    );
    const listener = sys.net.listen(80, { http: handler });
    sys.own(() => listener.close());
    yield* sys.print(
      2,
      `[mpm_event:notice] [pid 1:tid 1] AH00489: ${server} configured -- resuming normal operations\n[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n`,
    );
    return yield* serveUntilSignal(sys, ['TERM', 'INT']);
  };
}

/** Apache's web server, with its default page. */
export const httpd: ImageDefinition = {
  repository: 'docker.io/library/httpd',
  versions: [{ tags: ['2.4.65', '2.4', '2', 'latest', 'alpine', '2.4-alpine'], sizeBytes: 58_600_000 }],
  usage: { idleCpuMilli: 1, memoryBytes: 7_300_000, requestCpuMs: 0.5 },
  config: {
    cmd: ['httpd-foreground'],
    env: {
      HTTPD_PREFIX: '/usr/local/apache2',
      HTTPD_VERSION: '2.4.65',
      PATH: '/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    },
    workingDir: '/usr/local/apache2',
    exposedPorts: [80],
  },
  files: (version, programs) => ({
    ...debianFiles(programs),
    '/usr/local/bin/httpd-foreground': httpdProgram(version),
    [`${documentRoot}/index.html`]: '<html><body><h1>It works!</h1></body></html>\n',
  }),
};
