import MDXComponents from '@theme-original/MDXComponents';
import type { ComponentProps } from 'react';
import Diagnosis from '../components/diagnosis/Diagnosis.tsx';
import Lab from '../components/lab/Lab.tsx';
import Quiz from '../components/lab/Quiz.tsx';

/** On a narrow screen a table scrolls sideways, which the keyboard must be able to do as well. */
function Table(props: ComponentProps<'table'>) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be focused.
  return <table tabIndex={0} {...props} />;
}

/** What lessons may use without importing it. */
export default { ...MDXComponents, Diagnosis, Lab, Quiz, table: Table };
