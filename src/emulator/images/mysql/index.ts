/** MySQL: a server that keeps tables on its volume, with mysql and mysqladmin. */
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';
import { mysql, mysqladmin } from './client.ts';
import { dataDirectory, mysqld, setUpMysql } from './server.ts';

const version = (tag: string, sizeBytes: number, more: readonly string[]) => ({
  tags: [tag, ...more],
  sizeBytes,
  config: { env: { MYSQL_VERSION: `${tag}-1.el9`, MYSQL_MAJOR: tag.replace(/\.\d+$/, '') } },
});

export const mysqlImage: ImageDefinition = {
  repository: 'docker.io/library/mysql',
  versions: [
    version('9.4.0', 250_000_000, ['9.4', '9', 'latest']),
    version('8.4.6', 230_000_000, ['8.4', 'lts']),
    version('8.0.43', 233_000_000, ['8.0', '8']),
    version('5.7.44', 138_000_000, ['5.7', '5', '5.6']),
  ],
  config: { entrypoint: ['docker-entrypoint.sh'], cmd: ['mysqld'], exposedPorts: [3306, 33060] },
  usage: { idleCpuMilli: 4, memoryBytes: 380_000_000 },
  files: (tag, programs) => ({
    ...debianFiles(programs),
    '/usr/local/bin/docker-entrypoint.sh': `#!/bin/sh
set -e
case "$1" in -*) set -- mysqld "$@" ;; esac
if [ "$1" = mysqld ]; then
  /usr/local/libexec/mysql-set-up
fi
exec "$@"
`,
    '/usr/local/libexec/mysql-set-up': setUpMysql(tag),
    '/usr/sbin/mysqld': mysqld(tag),
    '/usr/bin/mysql': mysql(tag),
    '/usr/bin/mysqladmin': mysqladmin,
    '/etc/mysql/conf.d/.keep': '',
    [`${dataDirectory}/.keep`]: '',
  }),
};
