import type { LabSession } from '../lab/session.ts';

/** Follows what the learner looks at, and says where the method of troubleshooting would look next. */
export async function followDiagnosis(session: LabSession): Promise<() => string> {
  const [{ LookRecorder }, { diagnosisView }, { allSteps, branches, commandOf }] = await Promise.all([
    import('../lab/diagnosis/looks.ts'),
    import('../lab/diagnosis/view.ts'),
    import('../lab/diagnosis/flow.ts'),
  ]);
  const looks = new LookRecorder(session.cluster.kernel);
  return () => {
    const { troubles, next } = diagnosisView(session.cluster, session.history.startMs, looks);
    const step = allSteps.find(({ id }) => id === next);
    if (!step)
      return troubles.length === 0 ? 'The cluster shows no sign of trouble.' : 'You have asked everything. Now say the cause aloud.';
    const branch = branches.find(({ steps }) => steps.includes(step));
    const trouble = troubles.find(({ sign }) => sign === branch?.sign);
    return `${branch ? `${branch.title}. ` : ''}${step.asks}\n  ${commandOf(step, trouble)}`;
  };
}
