import { autocompletion } from '@codemirror/autocomplete';
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { yaml } from '@codemirror/lang-yaml';
import { syntaxHighlighting } from '@codemirror/language';
import { linter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { useEffect, useRef } from 'react';
import type { SessionClient } from '../stage/session-client.ts';
import styles from './editor.module.css';

interface CodeEditorProps {
  readonly client: SessionClient;
  readonly path: string;
  /** What the file holds; another text than the last one that was saved replaces what is shown. */
  readonly text: string;
  readonly onSave: (text: string) => void;
}

const isManifest = (path: string): boolean => /\.ya?ml$/.test(path);

/** What the worker knows of manifests: completions by the schema, faults in the API server's words. */
function manifestHelp(client: SessionClient): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    if (!context.explicit && !context.matchBefore(/[\w./-]+$/)) return null;
    const text = context.state.doc.toString();
    const { from, options } = await client.ask({ about: 'completions', text, offset: context.pos });
    return { from, options: options.map(({ label, detail, insert }) => ({ label, detail, apply: insert })), validFor: /^[\w./-]*$/ };
  };
  const faults = linter(async (view) => {
    const text = view.state.doc.toString();
    const found = await client.ask({ about: 'faults', text });
    return found.map(({ from, to, message }) => ({ from, to: Math.min(to, text.length), message, severity: 'error' as const }));
  });
  return [yaml(), autocompletion({ override: [source] }), faults];
}

/** A file of the learner's in CodeMirror. It is saved with Ctrl-S, when the keyboard leaves it, and when it goes away. */
export default function CodeEditor({ client, path, text, onSave }: CodeEditorProps) {
  const container = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const saved = useRef(text);
  const save = useRef(onSave);
  save.current = onSave;

  useEffect(() => {
    const store = (): boolean => {
      const now = view.current!.state.doc.toString();
      if (now !== saved.current) save.current((saved.current = now));
      return true;
    };
    view.current = new EditorView({
      parent: container.current!,
      state: EditorState.create({
        doc: saved.current,
        extensions: [
          basicSetup,
          syntaxHighlighting(classHighlighter),
          isManifest(path) ? manifestHelp(client) : [],
          keymap.of([{ key: 'Mod-s', run: store, preventDefault: true }]),
          EditorView.contentAttributes.of({ 'aria-label': path }),
          EditorView.domEventHandlers({ blur: () => void store() }),
        ],
      }),
    });
    return () => {
      store();
      view.current?.destroy();
    };
  }, [client, path]);

  useEffect(() => {
    if (text === saved.current) return;
    saved.current = text;
    view.current?.dispatch({ changes: { from: 0, to: view.current.state.doc.length, insert: text } });
  }, [text]);

  return <div ref={container} className={styles.editor} />;
}
