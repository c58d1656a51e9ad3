/** TTL after finished: deletes Jobs some time after their end (pkg/controller/ttlafterfinished). */
import { jobs } from '../../../api/batch/job.ts';
import type { Job } from '../../../api/generated/types.ts';
import type { Call } from '../../../kernel/index.ts';
import { isConflict, isNotFound } from '../../../machinery/status-error.ts';
import type { Controller } from '../controller.ts';

/** When a Job ended; undefined while it runs. */
function endOf({ status }: Job): string | undefined {
  return status?.conditions?.find(({ type, status: held }) => (type === 'Complete' || type === 'Failed') && held === 'True')
    ?.lastTransitionTime;
}

const mayGo = (job: Job): boolean =>
  job.spec.ttlSecondsAfterFinished !== undefined && job.metadata.deletionTimestamp === undefined && endOf(job) !== undefined;

export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  start(context) {
    const { kernel } = context;
    const client = context.client('ttl-after-finished-controller');
    const known = context.informers.for(jobs);
    const queue = context.queue({ name: 'ttl-jobs-to-delete', reconcile });
    known.onChange(({ type, object }) => type !== 'DELETED' && mayGo(object) && queue.add(object.metadata.uid));

    function* reconcile(uid: string): Call<void> {
      const job = known.byUID(uid);
      if (!job || !mayGo(job)) return;
      const leftMs = kernel.clock.virtualMs(endOf(job)!) + job.spec.ttlSecondsAfterFinished! * 1000 - kernel.loop.now;
      if (leftMs > 0) {
        queue.addAfter(uid, leftMs, true);
        return;
      }
      try {
        yield* client.delete(jobs, job.metadata, { propagationPolicy: 'Foreground', preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
    }
  },
};
