import type { LabSession, SessionOptions } from '../lab/session.ts';

/** A session of a lab. The emulator is read only now: `labs --help` and `labs list` need none of it. */
export async function newSession(options: SessionOptions): Promise<LabSession> {
  const session = await import('../lab/session.ts');
  return new session.LabSession(options);
}
