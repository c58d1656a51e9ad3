import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import Words from './Words.tsx';

test.each([
  { name: 'code', text: 'ask `kubectl get pods`', html: 'ask <code>kubectl get pods</code>' },
  { name: 'strong', text: 'the container **before**', html: 'the container <strong>before</strong>' },
  { name: 'emphasis', text: '*member count is unequal*: why?', html: '<em>member count is unequal</em>: why?' },
  {
    name: 'stars in code',
    text: '`verbs: ["*"]` and `*/5 * * * *`',
    html: '<code>verbs: [&quot;*&quot;]</code> and <code>*/5 * * * *</code>',
  },
  { name: 'a star alone', text: 'a * b * c', html: 'a * b * c' },
])('$name', ({ text, html }) => {
  expect(renderToStaticMarkup(createElement(Words, { text }))).toBe(html);
});
