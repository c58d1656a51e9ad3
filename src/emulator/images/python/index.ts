/**
 * Python: small scripts given with -c, in a file or on the input, and `-m http.server`.
 *
 * Differs from Kubernetes: of the language there are expressions, assignments, if, while and for; of its library a little
 * of os, sys, time and socket. Anything else ends with a SyntaxError or a ModuleNotFoundError, as an error in life does.
 */
import type { Call, HttpResponse, Program, Sys } from '../../kernel/index.ts';
import { isErrno, readAll, textOf, utf8 } from '../../kernel/index.ts';
import { answer, fileAt, httpDate, logDate, mediaType, serveUntilSignal, targetPath } from '../http-server.ts';
import type { ImageDefinition } from '../image.ts';
import { debianFiles } from '../userland.ts';
import { Interpreter } from './interpreter.ts';
import { parsePython } from './parser.ts';
import { PythonError } from './tokens.ts';

/** `python3 -m http.server [PORT]`: the files of the working directory. */
function* serveFiles(sys: Sys, version: string, port: number): Call<number> {
  const root = sys.cwd === '/' ? '' : sys.cwd;
  const listener = sys.net.listen(port, {
    http: function* (request, peer): Call<HttpResponse> {
      const { path } = targetPath(request.target);
      const found = fileAt(sys.fs, `${root}${path.endsWith('/') ? `${path}index.html` : path}`);
      const isFolder = found === undefined && sys.fs.find(`${root}${path}`)?.kind === 'directory';
      const status = found !== undefined || isFolder ? 200 : 404;
      sys.fds
        .get(2)
        .write(utf8(`${peer.ip} - - [${logDate(sys.kernel.clock.unixMs)}] "${request.method} ${request.target} HTTP/1.1" ${status} -\n`));
      const headers = { server: `SimpleHTTP/0.6 Python/${version}`, date: httpDate(sys.kernel.clock.unixMs) };
      if (found !== undefined) return answer(request, 200, { ...headers, 'content-type': mediaType(path, 'text/html') }, textOf(found));
      const names = isFolder ? sys.fs.list(`${root}${path}`) : [];
      const body = isFolder ? names.map((name) => `<li><a href="${name}">${name}</a></li>\n`).join('') : 'File not found\n';
      return answer(request, status, { ...headers, 'content-type': 'text/html; charset=utf-8' }, body);
    },
  });
  sys.own(() => listener.close());
  yield* sys.print(1, `Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`);
  return yield* serveUntilSignal(sys, ['TERM', 'INT']);
}

/** The script and its arguments, or what is wrong with the command line. */
function* scriptOf(sys: Sys, args: string[]): Call<{ readonly source: string; readonly args: string[] } | string> {
  const [first, ...rest] = args;
  if (first === '-c') return { source: rest.shift() ?? '', args: ['-c', ...rest] };
  if (first === undefined || first === '-') return { source: textOf(yield* readAll(sys, 0)), args: ['-', ...rest] };
  if (first.startsWith('-')) return `Unknown option: ${first}\n`;
  try {
    return { source: textOf(sys.fs.readFile(first)), args };
  } catch (error) {
    if (!isErrno(error)) throw error;
    return `python3: can't open file '${first}': [Errno 2] No such file or directory\n`;
  }
}

const python = (version: string): Program =>
  function* (sys): Call<number> {
    const args = sys.argv.slice(1);
    while (args[0] === '-u' || args[0] === '-B') args.shift();
    if (args[0] === '--version' || args[0] === '-V') {
      yield* sys.print(1, `Python ${version}\n`);
      return 0;
    }
    if (args[0] === '-m') {
      if (args[1] === 'http.server') return yield* serveFiles(sys, version, Number(args[2] ?? 8000));
      yield* sys.print(2, `/usr/local/bin/python3: No module named ${args[1] ?? ''}\n`);
      return 1;
    }
    const script = yield* scriptOf(sys, args);
    if (typeof script === 'string') {
      yield* sys.print(2, script);
      return 2;
    }
    try {
      return yield* new Interpreter(sys, script.args).run(parsePython(script.source));
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      yield* sys.print(2, `  File "<string>", line ${error.line}\n${error.kind}: ${error.message}\n`);
      return 1;
    }
  };

const version = (tag: string, more: readonly string[]) => ({
  tags: [tag, ...more],
  sizeBytes: 390_000_000,
  config: { env: { PYTHON_VERSION: tag } },
});

export const pythonImage: ImageDefinition = {
  repository: 'docker.io/library/python',
  versions: [
    version('3.13.7', ['3.13', '3', 'latest', 'slim', 'alpine', '3-slim', '3-alpine', '3.13-slim', '3.13-alpine']),
    version('3.12.11', ['3.12', '3.12-slim', '3.12-alpine']),
    version('3.11.13', ['3.11', '3.10', '3.9', '3.11-slim', '3.9-slim']),
  ],
  config: { cmd: ['python3'] },
  files: (tag, programs) => ({ ...debianFiles(programs), '/usr/local/bin/python3': python(tag), '/usr/local/bin/python': python(tag) }),
};
