import fs from 'node:fs';
import process from 'node:process';

/** As a shell exits whose reader has gone: 128 and SIGPIPE. */
const brokenPipe = 141;

/** Writes to standard output or error at once. A reader that is slow is waited for; one that is gone ends the program. */
export function writeOutput(fd: 1 | 2, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(brokenPipe);
      if (code !== 'EAGAIN') throw error;
    }
  }
}
