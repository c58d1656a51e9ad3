import Link from '@docusaurus/Link';
import Translate from '@docusaurus/Translate';

/** The page for an address at which there is nothing. */
export default function NotFoundContent() {
  return (
    <main className="container margin-vert--xl">
      <h1>
        <Translate id="notFound.title">There is no such page</Translate>
      </h1>
      <p>
        <Translate id="notFound.text">
          The address is misspelt, or the page has moved. Your labs are safe: they are kept in this browser, not at an address.
        </Translate>
      </p>
      <p>
        <Link className="button button--primary" to="/docs/architecture/why-orchestration">
          <Translate id="notFound.course">To the course</Translate>
        </Link>
      </p>
    </main>
  );
}
