/**
 * WordPress, as far as the documentation's tutorial goes: it comes up, asks its database on every request, and leads a
 * browser to its installation.
 *
 * Differs from Kubernetes: nothing can be installed or written; the pages are of a few lines.
 */
import type { Call, HttpRequest, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { answer, httpDate, serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { openMysql } from '../mysql/client.ts';
import { debianFiles } from '../userland.ts';

const page = (title: string, body: string): string =>
  `<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<title>${title}</title>\n</head>\n<body>\n<h1>${body}</h1>\n</body>\n</html>\n`;

function* respond(sys: Sys, request: HttpRequest): Call<HttpResponse> {
  const variable = (name: string, fallback: string): string => sys.env.get(`WORDPRESS_DB_${name}`) ?? fallback;
  const [host = '', port = '3306'] = variable('HOST', 'mysql').split(':');
  const login = {
    host,
    port: Number(port),
    user: variable('USER', 'example username'),
    password: variable('PASSWORD', 'example password'),
  };
  const headers = {
    date: httpDate(sys.kernel.clock.unixMs),
    server: 'Apache/2.4.56 (Debian)',
    'x-powered-by': 'PHP/8.0.29',
    'content-type': 'text/html; charset=UTF-8',
  };
  const database = yield* openMysql(sys, login, variable('NAME', 'wordpress'));
  if (typeof database === 'string')
    return answer(request, 500, headers, page('Database Error', 'Error establishing a database connection'));
  database.close();
  if (targetPath(request.target).path === '/wp-admin/install.php')
    return answer(request, 200, headers, page('WordPress &rsaquo; Installation', 'Welcome'));
  const location = `http://${request.headers.host ?? 'localhost'}/wp-admin/install.php`;
  return answer(request, 302, { ...headers, location, 'x-redirect-by': 'WordPress' }, '');
}

const program: Program = function* (sys): Call<number> {
  const root = '/var/www/html';
  if (!sys.fs.find(`${root}/index.php`)) {
    yield* sys.print(2, `WordPress not found in ${root} - copying now...\n`);
    yield* sys.sleep(2000);
    for (const file of ['index.php', 'wp-login.php', 'wp-config.php']) sys.fs.writeFile(`${root}/${file}`, '<?php\n' as never);
    yield* sys.print(2, `Complete! WordPress has been successfully copied to ${root}\n`);
  }
  const listener = sys.net.listen(80, { http: (request) => respond(sys, request) });
  sys.own(() => listener.close());
  yield* sys.print(2, '[mpm_prefork:notice] [pid 1] AH00163: Apache/2.4.56 (Debian) PHP/8.0.29 configured -- resuming normal operations\n');
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
};

export const wordpress: ImageDefinition = {
  repository: 'docker.io/library/wordpress',
  versions: [
    { tags: ['6.8.2', '6.8', '6', 'latest', 'apache', '6-apache', '6.8-apache'], sizeBytes: 255_000_000 },
    { tags: ['6.2.1-apache', '6.2.1', '6.2', '4.8-apache'], sizeBytes: 230_000_000 },
  ],
  usage: { idleCpuMilli: 2, memoryBytes: 46_000_000, requestCpuMs: 15 },
  config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['apache2-foreground'], workingDir: '/var/www/html', exposedPorts: [80] },
  files: (_version, programs) => ({ ...debianFiles(programs), '/usr/local/bin/docker-entrypoint.sh': program, '/var/www/html/.keep': '' }),
};
