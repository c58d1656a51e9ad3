import Link from '@docusaurus/Link';
import Translate, { translate } from '@docusaurus/Translate';
import Layout from '@theme/Layout';
import HomeCluster from '../components/home/HomeCluster.tsx';
import styles from './index.module.css';

/** The door: what this is, for whom, and a cluster to type into at once. */
export default function Home() {
  return (
    <Layout
      description={translate({
        id: 'home.description',
        message: 'A Kubernetes course with a cluster inside it: read, type kubectl, break things, mend them.',
      })}
    >
      <main className={styles.home}>
        <h1>
          <Translate id="home.title">A Kubernetes course with a cluster inside it</Translate>
        </h1>
        <p className={styles.lead}>
          <Translate id="home.lead">
            Read a page, type kubectl into the terminal beside it, and a whole control plane and its nodes answer, in this tab. The one
            below is running already.
          </Translate>
        </p>
        <p className={styles.doors}>
          <Link className="button button--primary" to="/docs/architecture/why-orchestration">
            <Translate id="home.begin">Begin with architecture</Translate>
          </Link>
          <Link className="button button--secondary" to="/docs/scheduling/filter-score-bind">
            <Translate id="home.scheduling">Scheduling</Translate>
          </Link>
          <Link className="button button--secondary" to="/docs/networking/pod-network">
            <Translate id="home.networking">Networking</Translate>
          </Link>
          <Link className="button button--secondary" to="/docs/rbac/who-are-you">
            <Translate id="home.access">Access and security</Translate>
          </Link>
          <Link className="button button--secondary" to="/docs/troubleshooting/a-method">
            <Translate id="home.troubleshooting">Troubleshooting</Translate>
          </Link>
        </p>
        <HomeCluster />
        <dl className={styles.facts}>
          <div>
            {' '}
            <dt>
              <Translate id="home.real.title">It is the design, not a film of it</Translate>
            </dt>
            <dd>
              <Translate id="home.real">
                API server, etcd, scheduler, controllers, kubelets, kube-proxy and CoreDNS run here as programs, each under its own
                identity, and meet only at the API. Stop one, and exactly what depends on it stops.
              </Translate>
            </dd>
          </div>
          <div>
            {' '}
            <dt>
              <Translate id="home.labs.title">Labs judge the cluster, not your typing</Translate>
            </dt>
            <dd>
              <Translate id="home.labs">
                A task turns green when the cluster has reached the state, by whichever way you took. Hints come one at a time, undo goes
                back to the start of a task.
              </Translate>
            </dd>
          </div>
          <div>
            {' '}
            <dt>
              <Translate id="home.whom.title">For whom</Translate>
            </dt>
            <dd>
              <Translate id="home.whom">
                Developers and operators who meet Kubernetes at work, students, and everybody who prepares for KCNA, CKA, CKAD or CKS.
              </Translate>
            </dd>
          </div>
        </dl>
      </main>
    </Layout>
  );
}
