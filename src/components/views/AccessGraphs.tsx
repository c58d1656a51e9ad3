import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import type { AccessGraph, BindingView, RoleView } from '../../lab/page/protocol.ts';
import { useStage } from '../stage/StageContext.tsx';
import { boxHeight, drawNarrow, drawWide } from './access-drawing.ts';
import type { AccessDrawing, AccessWords, Box, Link } from './access-drawing.ts';
import styles from './access.module.css';

/** What a subject has: the verdict in words, the drawing, and the same as a list that can be read and pressed. */
export default function AccessGraphs({ graph, isAsked }: { readonly graph: AccessGraph; readonly isAsked: boolean }) {
  const title = translate({ id: 'access.graph', message: 'Bindings, roles and rules of {subject}' }, { subject: graph.identities[0]! });
  const words = accessWords();
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {isAsked && <Verdict verdict={graph.verdict} />}
      {graph.bindings.length === 0 ? (
        <p className={styles.quiet}>
          {translate({ id: 'access.noBinding', message: 'No binding names this subject or a group of theirs.' })}
        </p>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
          <section className={styles.wide} tabIndex={0} aria-label={translate({ id: 'access.drawing', message: 'The same, drawn' })}>
            <Drawing drawing={drawWide(graph, words)} title={title} />
          </section>
          <div className={styles.narrow}>
            <Drawing drawing={drawNarrow(graph, words)} title={title} />
          </div>
          <List graph={graph} words={words} />
        </>
      )}
      {graph.leftOut > 0 && (
        <p className={styles.quiet}>
          {translate({ id: 'access.leftOut', message: '{count} more bindings are not shown.' }, { count: graph.leftOut })}
        </p>
      )}
    </section>
  );
}

function accessWords(): AccessWords {
  return {
    allows: translate({ id: 'access.allows', message: 'allows it' }),
    missing: translate({ id: 'access.missing', message: 'does not exist' }),
    everywhere: translate({ id: 'access.everywhere', message: 'everywhere' }),
    more: (count) => translate({ id: 'access.more', message: '{count} more rules' }, { count }),
    lacks: (what) => translate({ id: 'access.lacks', message: 'not the {what}' }, { what: what.join(', ') }),
    inNamespace: (namespace) => translate({ id: 'access.in', message: 'in {namespace}' }, { namespace }),
  };
}

function Verdict({ verdict }: Pick<AccessGraph, 'verdict'>) {
  if (!verdict)
    return (
      <p className={styles.verdict}>
        {translate({ id: 'access.noAnswer', message: 'The API server does not answer, so nobody may do anything.' })}
      </p>
    );
  return (
    <p className={clsx(styles.verdict, !verdict.isAllowed && styles.bad)} role="status">
      <strong>
        {verdict.isAllowed
          ? translate({ id: 'access.allowed', message: '✓ allowed.' })
          : translate({ id: 'access.refused', message: '✗ refused.' })}
      </strong>{' '}
      {verdict.sentence}
    </p>
  );
}

function Drawing({ drawing: { boxes, links, width, height }, title }: { readonly drawing: AccessDrawing; readonly title: string }) {
  return (
    <svg className={styles.drawing} viewBox={`-2 -2 ${width + 4} ${height + 4}`} width={width + 4} role="img" aria-label={title}>
      {links.map((link, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the drawing is made anew as a whole.
        <path key={i} className={clsx(styles.link, link.allows && styles.allows)} d={pathOf(link)} />
      ))}
      {boxes.map((box, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the drawing is made anew as a whole.
        <g key={i} className={clsx(styles.box, box.state === 'allows' && styles.allows, box.state === 'lacks' && styles.lacks)}>
          <rect
            x={box.x}
            y={box.y}
            width={box.width}
            height={boxHeight}
            rx={box.kind === 'identity' ? boxHeight / 2 : box.kind === 'rule' ? 0 : 6}
          />
          <BoxText box={box} />
        </g>
      ))}
    </svg>
  );
}

function BoxText({ box: { kind, x, y, title, note } }: { readonly box: Box }) {
  const left = x + (kind === 'identity' ? 14 : 8);
  return (
    <>
      <text x={left} y={y + (note ? 16 : 23)}>
        {title}
      </text>
      {note && (
        <text className={styles.note} x={left} y={y + 31}>
          {note}
        </text>
      )}
    </>
  );
}

/** From the right edge of one box to the left of the other; in the indented drawing down and to the right. */
function pathOf({ from, to }: Link): string {
  const toY = to.y + boxHeight / 2;
  if (to.x < from.x + from.width) return `M${from.x + 7} ${from.y + boxHeight}V${toY}H${to.x}`;
  const x = from.x + from.width;
  const fromY = from.y + boxHeight / 2;
  const middle = (x + to.x) / 2;
  return `M${x} ${fromY}C${middle} ${fromY} ${middle} ${toY} ${to.x} ${toY}`;
}

function List({ graph: { identities, bindings, roles }, words }: { readonly graph: AccessGraph; readonly words: AccessWords }) {
  return (
    <ul className={styles.list}>
      {identities.map((identity, i) => (
        <li key={identity}>
          <strong>{identity}</strong>
          <ul>
            {bindings
              .filter((binding) => binding.identity === i)
              .map((binding) => (
                <Given
                  key={`${binding.kind} ${binding.namespace} ${binding.name}`}
                  binding={binding}
                  role={roles[binding.role]!}
                  words={words}
                />
              ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

interface GivenProps {
  readonly binding: BindingView;
  readonly role: RoleView;
  readonly words: AccessWords;
}

function Given({ binding, role, words }: GivenProps) {
  const { select } = useStage();
  const { kind, name, namespace, isElsewhere } = binding;
  return (
    <li>
      <button type="button" onClick={() => select({ resource: `${kind.toLowerCase()}s`, namespace: namespace || undefined, name })}>
        {`${kind} ${name}`}
      </button>{' '}
      {namespace === '' ? words.everywhere : words.inNamespace(namespace)}
      {isElsewhere && ` (✗ ${translate({ id: 'access.elsewhere', message: 'not where it was asked' })})`}:{' '}
      <button
        type="button"
        onClick={() => select({ resource: `${role.kind.toLowerCase()}s`, namespace: role.namespace || undefined, name: role.name })}
      >
        {`${role.kind} ${role.name}`}
      </button>
      {role.isMissing && ` ✗ ${words.missing}`}
      <ul>
        {role.rules.map(({ text, lacks }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two rules may say the same.
          <li key={i} className={clsx(lacks?.length === 0 && styles.good)}>
            {text}
            {lacks && <span>{` ${lacks.length === 0 ? `✓ ${words.allows}` : `✗ ${words.lacks(lacks)}`}`}</span>}
          </li>
        ))}
        {role.leftOut > 0 && <li className={styles.quiet}>{words.more(role.leftOut)}</li>}
      </ul>
    </li>
  );
}
