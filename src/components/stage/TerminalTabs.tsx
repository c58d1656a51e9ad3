import { translate } from '@docusaurus/Translate';
import { useState } from 'react';
import styles from './stage.module.css';
import { useSession, useStage } from './StageContext.tsx';
import TabList from './TabList.tsx';

interface TerminalTabsProps {
  readonly active: string | undefined;
  readonly onSelect: (name: string) => void;
}

/** A tab for each terminal, and a menu that opens another one on any machine. */
export default function TerminalTabs({ active, onSelect }: TerminalTabsProps) {
  const { client } = useStage();
  const { terminals, machines } = useSession()!;
  const [isOpen, setOpen] = useState(false);
  const open = (machine: string): void => {
    setOpen(false);
    onSelect(client!.openTerminal(machine));
  };
  return (
    <div className={styles.terminalTabs}>
      <TabList
        id="terminals"
        label={translate({ id: 'terminals.label', message: 'Terminals' })}
        tabs={terminals.map(({ name }) => ({ id: name, label: name }))}
        active={active}
        onSelect={onSelect}
      />
      <div className={styles.menu}>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={translate({ id: 'terminals.open', message: 'Open another terminal' })}
          onClick={() => setOpen(!isOpen)}
        >
          +
        </button>
        {isOpen && (
          <ul className={styles.menuItems}>
            {machines.map((machine) => (
              <li key={machine}>
                <button type="button" onClick={() => open(machine)}>
                  {machine}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
