import { translate } from '@docusaurus/Translate';
import { useEffect, useId, useRef, useState } from 'react';
import type { AccessQuestion, AccessRequest, AccessSubject, AccessView as View, RefusalView } from '../../lab/page/protocol.ts';
import { clockText } from '../stage/ClockBar.tsx';
import { useSession, useStage } from '../stage/StageContext.tsx';
import styles from './access.module.css';
import choices from './choices.module.css';
import AccessGraphs from './AccessGraphs.tsx';

/** How often the view is brought up to date while virtual time passes, in real milliseconds. */
const refreshMs = 500;
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'impersonate', 'bind', 'escalate'];
const noRequest: AccessRequest = { verb: '', resource: '', namespace: 'default', name: '' };

type Asked = Omit<AccessQuestion, 'about'>;

const keyOf = ({ kind, name, namespace }: AccessSubject): string => [kind, name, namespace].filter(Boolean).join(' ');

/** Which bindings reach somebody, what they give, and what of it allows a request; the refused requests are offered first. */
export default function AccessView() {
  const [asked, ask] = useState<Asked>({ subject: undefined, request: undefined });
  const [refusal, choose] = useState<number>();
  const view = useAccess(asked);
  if (!view) return null;
  const onRefusal = ({ id, subject, groups, verb, resource, namespace, name }: RefusalView): void => {
    choose(id);
    ask({ subject, groups, request: { verb, resource, namespace, name } });
  };
  const onAsk = (next: Asked): void => {
    choose(undefined);
    ask(next);
  };
  return (
    <div className={styles.access}>
      <Refusals refusals={view.refusals} chosen={refusal} onChoose={onRefusal} />
      <Question view={view} asked={asked} onAsk={onAsk} />
      {view.graph && asked.subject && <AccessGraphs key={keyOf(asked.subject)} graph={view.graph} isAsked={isWhole(asked.request)} />}
    </div>
  );
}

const isWhole = (request: AccessRequest | undefined): boolean => Boolean(request?.verb.trim() && request.resource.trim());

/** Asks the worker again when the question changes, and now and then while time passes; one question at a time. */
function useAccess(asked: Asked): View | undefined {
  const { client } = useStage();
  const { generation } = useSession()!;
  const [view, setView] = useState<View>();
  const isWaiting = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a session that begins anew has other refusals.
  useEffect(() => {
    let isCurrent = true;
    const askAgain = (): void => {
      if (isWaiting.current) return;
      isWaiting.current = true;
      void client!.ask({ about: 'access', ...asked }).then((next) => {
        isWaiting.current = false;
        if (isCurrent) setView(next);
      });
    };
    isWaiting.current = false;
    askAgain();
    const timer = setInterval(askAgain, refreshMs);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [client, asked, generation]);
  return view;
}

interface RefusalsProps {
  readonly refusals: readonly RefusalView[];
  readonly chosen: number | undefined;
  readonly onChoose: (refusal: RefusalView) => void;
}

function Refusals({ refusals, chosen, onChoose }: RefusalsProps) {
  const title = translate({ id: 'access.refusals', message: 'The last refused requests' });
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {refusals.length === 0 ? (
        <p className={styles.quiet}>
          {translate({ id: 'access.noRefusals', message: 'Nothing was refused yet. Try: kubectl get secrets --as=erik' })}
        </p>
      ) : (
        <ul className={choices.choices}>
          {refusals.map((refusal) => (
            <li key={refusal.id}>
              <button type="button" aria-pressed={refusal.id === chosen} onClick={() => onChoose(refusal)}>
                <time>{clockText(Math.max(0, refusal.atMs))}</time>
                <span>{`${keyOf(refusal.subject)}: ${requestText(refusal)}`}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function requestText({ verb, resource, namespace, name }: AccessRequest): string {
  const what = `${verb} ${resource}${name ? ` ${name}` : ''}`;
  return namespace ? translate({ id: 'access.requestIn', message: '{what} in {namespace}' }, { what, namespace }) : what;
}

interface QuestionProps {
  readonly view: View;
  readonly asked: Asked;
  readonly onAsk: (asked: Asked) => void;
}

function Question({ view, asked, onAsk }: QuestionProps) {
  const id = useId();
  const { subjects, namespaces, resources } = view;
  const request = asked.request ?? noRequest;
  const change = (part: Partial<AccessRequest>): void => onAsk({ ...asked, request: { ...request, ...part } });
  const title = translate({ id: 'access.question', message: 'Who may do what' });
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <div className={styles.question}>
        <label htmlFor={`${id}-subject`}>
          {translate({ id: 'access.subject', message: 'Subject' })}{' '}
          <SubjectSelect
            id={`${id}-subject`}
            subjects={subjects}
            subject={asked.subject}
            onSelect={(subject) => onAsk({ ...asked, subject, groups: undefined })}
          />
        </label>
        <label>
          {translate({ id: 'access.verb', message: 'Verb' })}{' '}
          <input list={`${id}-verbs`} value={request.verb} size={10} onChange={(event) => change({ verb: event.target.value })} />
        </label>
        <label>
          {translate({ id: 'access.resource', message: 'Resource or path' })}{' '}
          <input
            list={`${id}-resources`}
            value={request.resource}
            size={18}
            onChange={(event) => change({ resource: event.target.value })}
          />
        </label>
        <label>
          {translate({ id: 'access.name', message: 'Name' })}{' '}
          <input value={request.name} size={10} onChange={(event) => change({ name: event.target.value })} />
        </label>
        <label>
          {translate({ id: 'access.namespace', message: 'Namespace' })}{' '}
          <select value={request.namespace} onChange={(event) => change({ namespace: event.target.value })}>
            <option value="">{translate({ id: 'access.all', message: 'none, or all' })}</option>
            {[...new Set([...namespaces, request.namespace])].filter(Boolean).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <datalist id={`${id}-verbs`}>
          {verbs.map((verb) => (
            <option key={verb} value={verb} />
          ))}
        </datalist>
        <datalist id={`${id}-resources`}>
          {resources.map((resource) => (
            <option key={resource} value={resource} />
          ))}
        </datalist>
      </div>
    </section>
  );
}

interface SubjectSelectProps {
  readonly id: string;
  readonly subjects: View['subjects'];
  readonly subject: AccessSubject | undefined;
  readonly onSelect: (subject: AccessSubject | undefined) => void;
}

function SubjectSelect({ id, subjects, subject, onSelect }: SubjectSelectProps) {
  const chosen = subject ? keyOf(subject) : '';
  const sections = [
    { label: translate({ id: 'access.people', message: 'People and what they run' }), isSystem: false },
    { label: translate({ id: 'access.parts', message: 'Parts of the cluster' }), isSystem: true },
  ];
  return (
    <select
      id={id}
      className={styles.subject}
      value={chosen}
      onChange={(event) => {
        const found = subjects.find((one) => keyOf(one) === event.target.value);
        onSelect(found && { kind: found.kind, name: found.name, namespace: found.namespace });
      }}
    >
      <option value="">{translate({ id: 'access.choose', message: 'choose …' })}</option>
      {sections.map(({ label, isSystem }) => (
        <optgroup key={label} label={label}>
          {subjects
            .filter((one) => one.isSystem === isSystem)
            .map(keyOf)
            .map((key) => (
              <option key={key}>{key}</option>
            ))}
        </optgroup>
      ))}
    </select>
  );
}
