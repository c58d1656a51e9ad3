import { translate } from '@docusaurus/Translate';
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState } from 'react';
import type { SessionClient } from '../stage/session-client.ts';
import { useStage } from '../stage/StageContext.tsx';
import styles from './terminal.module.css';
import { terminalThemes } from './themes.ts';
import { useTheme } from './use-theme.ts';

interface TerminalPaneProps {
  readonly client: SessionClient;
  readonly name: string;
  readonly isActive: boolean;
}

/** Leaves the terminal with the keyboard: Tab belongs to the shell. */
const isLeaveKey = (event: KeyboardEvent): boolean => event.key === 'F6';

function createTerminal(container: HTMLElement): { terminal: Terminal; fit: FitAddon; search: SearchAddon } {
  const style = getComputedStyle(container);
  const terminal = new Terminal({
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: style.getPropertyValue('--ifm-font-family-monospace'),
    fontSize: Number.parseFloat(style.fontSize),
    minimumContrastRatio: 4.5,
    screenReaderMode: true,
    scrollback: 5000,
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon());
  terminal.open(container);
  // Tab would be caught in the shell: the button below is the way in by keyboard.
  if (terminal.textarea) terminal.textarea.tabIndex = -1;
  return { terminal, fit, search };
}

/** One terminal of the session. */
export default function TerminalPane({ client, name, isActive }: TerminalPaneProps) {
  const container = useRef<HTMLDivElement>(null);
  const leave = useRef<HTMLButtonElement>(null);
  const parts = useRef<ReturnType<typeof createTerminal>>(undefined);
  const theme = useTheme();
  const [query, setQuery] = useState<string>();
  const { takeFocus } = useStage();

  useEffect(() => {
    const { terminal, fit } = (parts.current = createTerminal(container.current!));
    const resize = (): void => {
      if (container.current?.offsetParent) fit.fit();
    };
    const disposables = [
      terminal.onData((data) => client.type(name, data)),
      terminal.onResize(({ cols, rows }) => client.send({ type: 'resize', terminal: name, columns: cols, rows })),
      terminal.onSelectionChange(() => copy(terminal.getSelection())),
    ];
    terminal.attachCustomKeyEventHandler((event) => {
      if (event.type === 'keydown' && isLeaveKey(event)) {
        event.preventDefault();
        leave.current?.focus();
        return false;
      }
      if (event.type === 'keydown' && event.ctrlKey && event.shiftKey && event.key.toLowerCase() === 'f') {
        setQuery('');
        return false;
      }
      return true;
    });
    const observer = new ResizeObserver(resize);
    observer.observe(container.current!);
    const stop = client.listen(name, (data, shown) => terminal.write(data, shown));
    resize();
    // On a phone the keyboard would cover what has just appeared.
    if (takeFocus() && !matchMedia('(pointer: coarse)').matches) terminal.focus();
    return () => {
      stop();
      observer.disconnect();
      for (const disposable of disposables) disposable.dispose();
      terminal.dispose();
    };
  }, [client, name, takeFocus]);

  useEffect(() => {
    parts.current!.terminal.options.theme = terminalThemes[theme];
  }, [theme]);

  useEffect(() => {
    if (isActive) parts.current!.fit.fit();
  }, [isActive]);

  const onPaste = (event: React.ClipboardEvent): void => {
    const lines = event.clipboardData.getData('text').trimEnd().split('\n').length;
    const question = translate({ id: 'terminal.paste', message: 'Paste {lines} lines? Each one runs at once.' }, { lines });
    if (lines > 1 && !window.confirm(question)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  return (
    <div className={styles.pane}>
      <div ref={container} className={styles.screen} data-terminal={name} onPasteCapture={onPaste} />
      {query !== undefined && (
        <input
          className={styles.search}
          type="search"
          aria-label={translate({ id: 'terminal.search', message: 'Search in the terminal' })}
          value={query}
          ref={(input) => input?.focus()}
          onChange={(event) => {
            setQuery(event.target.value);
            parts.current!.search.findPrevious(event.target.value, { incremental: true });
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') parts.current!.search.findPrevious(query);
            if (event.key !== 'Escape') return;
            setQuery(undefined);
            parts.current!.terminal.focus();
          }}
        />
      )}
      <footer className={styles.footer}>
        <button type="button" ref={leave} onClick={() => parts.current!.terminal.focus()}>
          {translate({ id: 'terminal.enter', message: 'Type in the terminal' })}
        </button>
        <span className={styles.keys}>{translate({ id: 'terminal.leave', message: 'F6 leaves it, Ctrl+Shift+F searches' })}</span>
        <button type="button" onClick={focusText}>
          {translate({ id: 'terminal.text', message: 'To the text' })}
        </button>
        <Transcript parts={parts} />
      </footer>
    </div>
  );
}

/** The terminal's content as plain text, for reading at leisure or with a screen reader. */
function Transcript({ parts }: { readonly parts: React.RefObject<ReturnType<typeof createTerminal> | undefined> }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const open = (): void => {
    const buffer = parts.current!.terminal.buffer.normal;
    const lines = Array.from({ length: buffer.length }, (_, i) => buffer.getLine(i)?.translateToString(true) ?? '');
    setText(lines.join('\n').trimEnd());
    dialog.current?.showModal();
  };
  const label = translate({ id: 'terminal.transcript', message: 'Transcript' });
  return (
    <>
      <button type="button" onClick={open}>
        {label}
      </button>
      <dialog ref={dialog} className={styles.transcript} aria-label={label}>
        <form method="dialog">
          <button type="submit">{translate({ id: 'close', message: 'Close' })}</button>
        </form>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text that scrolls must be reachable by keyboard. */}
        <pre tabIndex={0}>{text}</pre>
      </dialog>
    </>
  );
}

/** Brings the keyboard back to the lab that runs, or to the lesson. */
function focusText(): void {
  const target = document.querySelector<HTMLElement>('[data-lab] button, main a, main button');
  target?.focus();
  target?.scrollIntoView({ block: 'nearest' });
}

function copy(text: string): void {
  // Without permission nothing is copied, and the browser's own key still works.
  if (text !== '') navigator.clipboard?.writeText(text).catch(() => {});
}
