import { translate } from '@docusaurus/Translate';
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import type { NetworkView as View, PacketView, ServiceView } from '../../lab/page/protocol.ts';
import { clockText } from '../stage/ClockBar.tsx';
import { useSession, useStage } from '../stage/StageContext.tsx';
import choices from './choices.module.css';
import styles from './network.module.css';
import PacketPath from './PacketPath.tsx';
import ReachabilityTable from './ReachabilityTable.tsx';

/** How often the view is brought up to date while virtual time passes, in real milliseconds. */
const refreshMs = 500;

/** Services, policies and packets of one namespace: who reaches whom, and the way that a packet took. */
export default function NetworkView() {
  const [namespace, setNamespace] = useState('default');
  const [showsAll, setShowsAll] = useState(false);
  const [showsMatrix, setShowsMatrix] = useState(false);
  const [chosen, setChosen] = useState<number>();
  const view = useNetwork(namespace, showsAll, showsMatrix);
  if (!view) return null;
  const { plugin, namespaces, policies, packets, matrix } = view;
  const packet = packets.find(({ id }) => id === chosen) ?? packets[0];
  return (
    <div className={styles.network}>
      <div className={styles.tools}>
        <label>
          {translate({ id: 'network.namespace', message: 'Namespace' })}{' '}
          <select value={namespace} onChange={(event) => setNamespace(event.target.value)}>
            {(namespaces.includes(namespace) ? namespaces : [namespace, ...namespaces]).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={showsAll} onChange={(event) => setShowsAll(event.target.checked)} />
          {translate({ id: 'network.all', message: 'Packets of the cluster’s own components' })}
        </label>
      </div>
      {policies.length > 0 && plugin && !plugin.enforcesPolicies && (
        <p className={styles.notice}>
          {translate(
            {
              id: 'network.noPolicies',
              message: 'NetworkPolicies have no effect in this cluster: its network plugin ({plugin}) does not enforce them.',
            },
            { plugin: plugin.name },
          )}
        </p>
      )}
      <Packets packets={packets} chosen={packet} onChoose={setChosen} />
      {packet && <PacketPath packet={packet} />}
      <details onToggle={(event) => setShowsMatrix(event.currentTarget.open)}>
        <summary>{translate({ id: 'network.matrix', message: 'Who reaches whom' })}</summary>
        {matrix && <ReachabilityTable matrix={matrix} namespace={namespace} />}
      </details>
      <Services view={view} namespace={namespace} />
      <Policies view={view} namespace={namespace} />
      <Pods view={view} namespace={namespace} />
    </div>
  );
}

/** Asks the worker again when the cluster changes, and now and then while time passes; one question at a time. */
function useNetwork(namespace: string, showsAll: boolean, showsMatrix: boolean): View | undefined {
  const { client } = useStage();
  const { pods, generation } = useSession()!;
  const [view, setView] = useState<View>();
  const asked = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new picture of the cluster means that the network may have changed.
  useEffect(() => {
    let isCurrent = true;
    const ask = (): void => {
      if (asked.current) return;
      asked.current = true;
      void client!.ask({ about: 'network', namespace, showsAll, showsMatrix }).then((next) => {
        asked.current = false;
        if (isCurrent) setView(next);
      });
    };
    asked.current = false;
    ask();
    const timer = setInterval(ask, refreshMs);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [client, namespace, showsAll, showsMatrix, generation, pods]);
  return view;
}

interface PacketsProps {
  readonly packets: readonly PacketView[];
  readonly chosen: PacketView | undefined;
  readonly onChoose: (id: number) => void;
}

function Packets({ packets, chosen, onChoose }: PacketsProps) {
  const title = translate({ id: 'network.packets', message: 'The last packets' });
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {packets.length === 0 ? (
        <p className={styles.empty}>
          {translate({
            id: 'network.noPackets',
            message: 'Nothing was sent yet. Let a Pod ask another one, for example with wget or curl.',
          })}
        </p>
      ) : (
        <ul className={choices.choices}>
          {packets.map((packet) => (
            <li key={packet.id}>
              <button type="button" aria-pressed={packet === chosen} onClick={() => onChoose(packet.id)}>
                <time>{clockText(Math.max(0, packet.atMs))}</time>
                <span className={clsx(styles.outcome, packet.outcome === 'delivered' ? styles.good : styles.bad)}>
                  {packet.outcome === 'delivered' ? '✓' : `✗ ${packet.outcome}`}
                </span>
                <span>{`${packet.program || '–'}: ${packet.from.replace(/ \(.*/, '')} → ${packet.to}${packet.about ? ` ${packet.about}` : ''}`}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface ListProps {
  readonly view: View;
  readonly namespace: string;
}

function Services({ view: { services }, namespace }: ListProps) {
  const { select } = useStage();
  const title = translate({ id: 'network.services', message: 'Services and their EndpointSlices' });
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {services.length === 0 && (
        <p className={styles.empty}>{translate({ id: 'network.none', message: 'There are none in this namespace.' })}</p>
      )}
      <ul className={styles.cards}>
        {services.map((service) => (
          <li key={service.name}>
            <button type="button" onClick={() => select({ resource: 'services', namespace, name: service.name })}>
              {service.name}
            </button>{' '}
            <span className={styles.kind}>{service.type}</span> {service.address} {service.ports.join(', ')}
            <Slices service={service} namespace={namespace} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Slices({ service: { slices }, namespace }: { readonly service: ServiceView; readonly namespace: string }) {
  const { select } = useStage();
  if (slices.every(({ endpoints }) => endpoints.length === 0))
    return (
      <p className={styles.empty}>
        {translate({ id: 'network.noEndpoints', message: 'No endpoints: its selector matches no Pod, or it has none.' })}
      </p>
    );
  return (
    <ul>
      {slices.map(({ name, endpoints }) => (
        <li key={name}>
          <button type="button" onClick={() => select({ resource: 'endpointslices', namespace, name })}>
            {name}
          </button>
          <ul>
            {endpoints.map(({ address, pod, isReady }) => (
              <li key={address}>
                {address} {pod}{' '}
                <span className={isReady ? styles.good : styles.bad}>
                  {isReady
                    ? translate({ id: 'network.ready', message: '✓ ready' })
                    : translate({ id: 'network.notReady', message: '✗ not ready' })}
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Pods({ view: { pods }, namespace }: ListProps) {
  const { select } = useStage();
  const title = translate({ id: 'network.pods', message: 'Pods and their addresses' });
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {pods.length === 0 && (
        <p className={styles.empty}>{translate({ id: 'network.none', message: 'There are none in this namespace.' })}</p>
      )}
      <ul className={styles.cards}>
        {pods.map(({ name, ip, node, policies }) => (
          <li key={name}>
            <button type="button" onClick={() => select({ resource: 'pods', namespace, name })}>
              {name}
            </button>{' '}
            {ip || translate({ id: 'network.noAddress', message: 'no address yet' })} <span className={styles.kind}>{node}</span>{' '}
            {policies.length > 0 &&
              translate({ id: 'network.isolatedBy', message: 'isolated by {policies}' }, { policies: policies.join(', ') })}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Policies({ view: { policies, pods }, namespace }: ListProps) {
  const { select } = useStage();
  const title = translate({ id: 'network.policies', message: 'NetworkPolicies and the Pods that they isolate' });
  const open = pods.filter((pod) => pod.policies.length === 0 && pod.ip !== '').map(({ name }) => name);
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {policies.length === 0 && (
        <p className={styles.empty}>{translate({ id: 'network.none', message: 'There are none in this namespace.' })}</p>
      )}
      <ul className={styles.cards}>
        {policies.map(({ name, types, pods: selected }) => (
          <li key={name}>
            <button type="button" onClick={() => select({ resource: 'networkpolicies', namespace, name })}>
              {name}
            </button>{' '}
            <span className={styles.kind}>{types.join(', ')}</span>{' '}
            {selected.length > 0 ? selected.join(', ') : translate({ id: 'network.selectsNone', message: 'selects no Pod' })}
          </li>
        ))}
      </ul>
      {policies.length > 0 && open.length > 0 && (
        <p className={styles.empty}>{translate({ id: 'network.open', message: 'Not isolated: {pods}' }, { pods: open.join(', ') })}</p>
      )}
    </section>
  );
}
