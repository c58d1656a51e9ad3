import { translate } from '@docusaurus/Translate';
import CodeBlock from '@theme-original/CodeBlock';
import type { Props } from '@theme/CodeBlock';
import { useStage } from '../../components/stage/StageContext.tsx';
import { useLessonCluster } from '../../components/stage/use-lesson-cluster.ts';
import styles from './run.module.css';

/** Lines of a block that begin with a prompt, without it. */
function commandsIn(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('$ '))
    .map((line) => line.slice(2));
}

/** A code block; one marked `run` can be typed into the terminal by a click. */
export default function RunnableCodeBlock(props: Props) {
  const isRunnable = /\brun\b/.test(props.metastring ?? '') && typeof props.children === 'string';
  return isRunnable ? <Runnable {...props} /> : <CodeBlock {...props} />;
}

function Runnable(props: Props) {
  const { run, client } = useStage();
  const cluster = useLessonCluster();
  const commands = commandsIn(props.children as string);
  return (
    <div className={styles.runnable}>
      <CodeBlock {...props} />
      <button type="button" className={styles.run} onClick={() => run(commands, cluster)}>
        {client
          ? translate({ id: 'code.run', message: 'Type into the terminal' })
          : translate({ id: 'code.start', message: 'Start a cluster and type' })}
      </button>
    </div>
  );
}
