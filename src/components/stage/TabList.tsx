import type { KeyboardEvent } from 'react';
import styles from './stage.module.css';

interface TabListProps<Id extends string> {
  readonly id: string;
  readonly label: string;
  readonly tabs: readonly { readonly id: Id; readonly label: string }[];
  readonly active: Id | undefined;
  readonly onSelect: (id: Id) => void;
}

const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** Tabs by the ARIA pattern: one stop in the tab order, arrows move between them. */
export default function TabList<Id extends string>({ id, label, tabs, active, onSelect }: TabListProps<Id>) {
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const move = moves[event.key];
    if (move === undefined) return;
    const next = tabs[(tabs.findIndex((tab) => tab.id === active) + move + tabs.length) % tabs.length];
    if (!next) return;
    event.preventDefault();
    onSelect(next.id);
    document.getElementById(`${id}-tab-${next.id}`)?.focus();
  };
  return (
    <div className={styles.tabList} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`${id}-tab-${tab.id}`}
          aria-controls={`${id}-panel-${tab.id}`}
          aria-selected={tab.id === active}
          tabIndex={tab.id === active ? 0 : -1}
          onClick={() => onSelect(tab.id)}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
}
