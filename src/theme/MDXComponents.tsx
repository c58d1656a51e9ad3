import MDXComponents from '@theme-original/MDXComponents';
import Lab from '../components/lab/Lab.tsx';
import Quiz from '../components/lab/Quiz.tsx';

/** What lessons may use without importing it. */
export default { ...MDXComponents, Lab, Quiz };
