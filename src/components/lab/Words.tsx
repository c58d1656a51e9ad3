import type { ReactNode } from 'react';

/** Text of a lab with its little Markdown: `code`, **strong** and *emphasis*, whose stars touch its words. */
export default function Words({ text }: { readonly text: string }): ReactNode {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*(?! )[^*]+(?<! )\*)/).map((part, i) => {
    const key = `${i}-${part}`;
    if (part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>;
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>;
    return /^\*.+\*$/s.test(part) ? <em key={key}>{part.slice(1, -1)}</em> : part;
  });
}
