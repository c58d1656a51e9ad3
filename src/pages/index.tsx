import Link from '@docusaurus/Link';
import Layout from '@theme/Layout';

export default function Home() {
  return (
    <Layout title="Home">
      <main className="container margin-vert--lg">
        <h1>Inside Kubernetes</h1>
        <Link to="/docs/architecture/why-orchestration">Begin</Link>
      </main>
    </Layout>
  );
}
