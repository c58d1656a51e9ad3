import { useSyncExternalStore } from 'react';

type Theme = 'light' | 'dark';

/** The stage stands above the site's own theme provider, so it reads what that one writes into the page. */
const current = (): Theme => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light');

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

/** The site's theme that the reader sees now. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current, () => 'light');
}
