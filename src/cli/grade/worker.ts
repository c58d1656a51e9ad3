/**
 * The other end of a grading process: takes jobs by message, answers with outcomes, one submission after the other.
 * A hang or a crash here costs one submission; whoever started the process sees to that.
 */
import process from 'node:process';
import { gradeEntry } from './grade-entry.ts';
import type { Job, Outcome } from './grade-entry.ts';

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'outcome'; readonly outcome: Outcome }
  | { readonly type: 'done'; readonly rssBytes: number };

export function serveJobs(): Promise<void> {
  const send = (message: FromWorker): void => void process.send!(message);
  process.on('message', (job: Job) => {
    void gradeEntry(job, (outcome) => send({ type: 'outcome', outcome })).then(() =>
      send({ type: 'done', rssBytes: process.memoryUsage.rss() }),
    );
  });
  send({ type: 'ready' });
  return new Promise((resolve) => process.on('disconnect', resolve));
}
