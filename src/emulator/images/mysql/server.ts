/** The image's entrypoint, which sets a new data directory up, and mysqld. */
import type { Call, DuplexStream, Program, Sys } from '../../kernel/index.ts';
import { formatTime, isErrno, textOf, utf8 } from '../../kernel/index.ts';
import { serveUntilSignal } from '../http-server.ts';
import type { SqlSession } from './sql.ts';
import { execute, SqlError } from './sql.ts';
import { TableStore } from './table-store.ts';
import type { Login } from './wire.ts';
import { Wire } from './wire.ts';

export const dataDirectory = '/var/lib/mysql';
/** Its presence says that the data directory is set up. */
const accountsFile = `${dataDirectory}/mysql/user.json`;
const configurationDirectory = '/etc/mysql/conf.d';
const setUpMs = { files: 4_000, temporaryServer: 1_500, start: 800 };

/** Passwords by name. */
type Accounts = Readonly<Record<string, string>>;

/** The version with the image's build, as its own messages name it. */
const build = (version: string): string => `${version}-1.el9`;

function note(sys: Sys, text: string, level: 'Note' | 'ERROR' = 'Note'): Call<void> {
  const now = formatTime(sys.kernel.clock.unixMs).replace('T', ' ').replace('Z', '+00:00');
  return sys.print(level === 'ERROR' ? 2 : 1, `${now} [${level}] [Entrypoint]: ${text}\n`);
}

function log(sys: Sys, code: string, part: string, text: string): Call<void> {
  return sys.print(2, `${sys.kernel.clock.microTime()} 0 [System] [${code}] [${part}] ${text}\n`);
}

/** What the entrypoint does before mysqld: a data directory that is not set up yet is. */
export const setUpMysql = (version: string): Program =>
  function* (sys): Call<number> {
    yield* note(sys, `Entrypoint script for MySQL Server ${build(version)} started.`);
    return sys.fs.find(accountsFile) || (yield* setUp(sys)) ? 0 : 1;
  };

/** Makes the accounts and the database that the environment asks for. False if it asks for no password. */
function* setUp(sys: Sys): Call<boolean> {
  const env = (name: string): string => sys.env.get(name) ?? '';
  const isRandom = env('MYSQL_RANDOM_ROOT_PASSWORD') !== '';
  if (env('MYSQL_ROOT_PASSWORD') === '' && env('MYSQL_ALLOW_EMPTY_PASSWORD') === '' && !isRandom) {
    const names = ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD'];
    const choice = names.map((name) => `\n    - ${name}`).join('');
    yield* note(
      sys,
      `Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:${choice}`,
      'ERROR',
    );
    return false;
  }
  yield* note(sys, 'Initializing database files');
  yield* log(sys, 'MY-015017', 'Server', 'MySQL Server Initialization - start.');
  yield* sys.sleep(setUpMs.files);
  yield* log(sys, 'MY-015018', 'Server', 'MySQL Server Initialization - end.');
  yield* note(sys, 'Database files initialized');
  yield* note(sys, 'Starting temporary server');
  yield* sys.sleep(setUpMs.temporaryServer);
  yield* note(sys, 'Temporary server started.');
  const random = isRandom ? sys.kernel.random.uuid() : '';
  if (isRandom) yield* note(sys, `GENERATED ROOT PASSWORD: ${random}`);
  const accounts: Record<string, string> = { root: env('MYSQL_ROOT_PASSWORD') || random };
  sys.fs.mkdirs(`${dataDirectory}/mysql`);
  const database = env('MYSQL_DATABASE');
  if (database !== '') {
    yield* note(sys, `Creating database ${database}`);
    new TableStore(sys.fs, dataDirectory).createDatabase(database, true);
  }
  const user = env('MYSQL_USER');
  if (user !== '' && env('MYSQL_PASSWORD') !== '') {
    yield* note(sys, `Creating user ${user}`);
    if (database !== '') yield* note(sys, `Giving user ${user} access to schema ${database}`);
    accounts[user] = env('MYSQL_PASSWORD');
  }
  yield* note(sys, 'Stopping temporary server');
  yield* note(sys, 'Temporary server stopped');
  sys.fs.writeFile(accountsFile, utf8(JSON.stringify(accounts)));
  yield* note(sys, 'MySQL init process done. Ready for start up.');
  return true;
}

/** `server-id=1`, `read_only` and the like, from the [mysqld] sections of the configuration. */
function settingsOf(sys: Sys): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  if (sys.fs.find(configurationDirectory)?.kind !== 'directory') return settings;
  for (const name of sys.fs.list(configurationDirectory).sort()) {
    if (!name.endsWith('.cnf')) continue;
    let isOurs = false;
    for (const line of textOf(sys.fs.readFile(`${configurationDirectory}/${name}`)).split('\n')) {
      const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
      if (section !== undefined) isOurs = section === 'mysqld';
      const [, key, value = '1'] = /^\s*([\w-]+)\s*(?:=\s*(.*?)\s*)?$/.exec(line) ?? [];
      if (isOurs && key !== undefined) settings[key.replaceAll('-', '_')] = value;
    }
  }
  return settings;
}

/** mysqld, on a data directory that is set up. */
export const mysqld =
  (version: string): Program =>
  (sys) =>
    serve(sys, version);

function* serve(sys: Sys, version: string): Call<number> {
  if (!sys.fs.find(accountsFile)) {
    yield* log(sys, 'MY-010119', 'Server', 'Aborting: the data directory is not initialized');
    return 1;
  }
  yield* log(sys, 'MY-015015', 'Server', 'MySQL Server - start.');
  yield* log(sys, 'MY-010116', 'Server', `/usr/sbin/mysqld (mysqld ${version}) starting as process ${sys.pid}`);
  yield* log(sys, 'MY-013576', 'InnoDB', 'InnoDB initialization has started.');
  yield* sys.sleep(setUpMs.start);
  yield* log(sys, 'MY-013577', 'InnoDB', 'InnoDB initialization has ended.');
  const settings = settingsOf(sys);
  const port = Number(settings.port ?? 3306);
  const fibers = new Set<{ cancel(): void }>();
  sys.own(() => {
    for (const fiber of fibers) fiber.cancel();
  });
  const variables = {
    hostname: sys.hostname,
    port,
    read_only: ['1', 'on', 'true'].includes((settings.read_only ?? settings.super_read_only ?? '').toLowerCase()) ? 1 : 0,
    server_id: Number(settings.server_id ?? 1),
    version,
  };
  const listener = sys.net.listen(port, {
    stream: (stream, peer) => void fibers.add(sys.kernel.fiber(converse(sys, stream, peer.ip, variables), { background: true })),
  });
  sys.own(() => listener.close());
  yield* log(
    sys,
    'MY-010931',
    'Server',
    `/usr/sbin/mysqld: ready for connections. Version: '${version}'  socket: '/var/run/mysqld/mysqld.sock'  port: ${port}  MySQL Community Server - GPL.`,
  );
  yield* serveUntilSignal(sys, ['TERM', 'INT']);
  yield* log(sys, 'MY-013172', 'Server', `Received SHUTDOWN from user <via user signal>. Shutting down mysqld (Version: ${version}).`);
  yield* log(sys, 'MY-010910', 'Server', `/usr/sbin/mysqld: Shutdown complete (mysqld ${version})  MySQL Community Server - GPL.`);
  return 0;
}

/** Nobody, if the file is gone or says nothing that can be read. */
function accountsOf(sys: Sys): Accounts {
  try {
    return JSON.parse(textOf(sys.fs.readFile(accountsFile))) as Accounts;
  } catch {
    return {};
  }
}

/** One connection: a login, and then a statement after the other. */
function* converse(sys: Sys, stream: DuplexStream, ip: string, variables: SqlSession['variables']): Call<void> {
  const wire = new Wire(sys, stream);
  const login = yield* wire.receive<Partial<Login>>();
  if (!login) return wire.close();
  const { user = '', password = '', database = '' } = login;
  const host = ip === '127.0.0.1' ? 'localhost' : ip;
  const accounts = accountsOf(sys);
  if (!Object.hasOwn(accounts, user) || accounts[user] !== password) {
    const using = password === '' ? 'NO' : 'YES';
    wire.send({
      error: { code: 1045, state: '28000', text: `Access denied for user '${user}'@'${host}' (using password: ${using})` },
    });
    return wire.close();
  }
  const now = (): string => formatTime(sys.kernel.clock.unixMs).replace('T', ' ').replace('Z', '');
  const store = new TableStore(sys.fs, dataDirectory);
  const session: SqlSession = { store, database: '', user: `${user}@${host}`, variables, now };
  if (!answer(wire, () => (database === '' ? { affected: 0 } : execute(session, `USE \`${database}\``)))) return wire.close();
  for (let sql = yield* wire.receive<string>(); sql !== undefined; sql = yield* wire.receive<string>()) {
    const statement = String(sql);
    answer(wire, () => execute(session, statement));
  }
  wire.close();
}

/** False if the answer is an error. */
function answer(wire: Wire, run: () => ReturnType<typeof execute>): boolean {
  try {
    wire.send(run());
    return true;
  } catch (error) {
    if (error instanceof SqlError) wire.send({ error: { code: error.code, state: error.state, text: error.message } });
    else if (isErrno(error)) wire.send({ error: { code: 1030, state: 'HY000', text: `Got error '${error.message}' from storage engine` } });
    else throw error;
    return false;
  }
}
