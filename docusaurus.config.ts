import type { Config } from '@docusaurus/types';
import type { UserThemeConfig } from '@docusaurus/theme-common';
import type { ThemeConfig as MermaidThemeConfig } from '@docusaurus/theme-mermaid';
import { themes as prismThemes } from 'prism-react-renderer';
import type { PrismTheme } from 'prism-react-renderer';

/** The palettes on the site's own surfaces (`--surface`), dark enough to be read on them. */
const lightCode: PrismTheme = {
  plain: { color: '#23272e', backgroundColor: '#f6f7f9' },
  styles: [
    ...prismThemes.github.styles,
    { types: ['comment'], style: { color: '#666a5a' } },
    { types: ['atrule', 'keyword', 'attr-name', 'selector'], style: { color: '#00608a' } },
    { types: ['string', 'attr-value'], style: { color: '#b01055' } },
    { types: ['number', 'boolean', 'variable', 'constant', 'property', 'symbol'], style: { color: '#17706d' } },
    { types: ['function', 'deleted'], style: { color: '#b3261e' } },
  ],
};
const darkCode: PrismTheme = { ...prismThemes.vsDark, plain: { color: '#d8dce3', backgroundColor: '#22262e' } };

const config: Config = {
  title: 'Inside Kubernetes',
  tagline: 'A Kubernetes course with a cluster inside it',
  url: 'https://inside-kubernetes.invalid',
  baseUrl: '/',
  favicon: 'img/favicon.svg',
  onBrokenLinks: 'throw',
  onBrokenAnchors: 'throw',
  onDuplicateRoutes: 'throw',
  i18n: { defaultLocale: 'en', locales: ['en'] },
  markdown: { mermaid: true, hooks: { onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw' } },
  future: { v4: true, faster: true },
  themes: [
    ['@docusaurus/theme-classic', { customCss: './src/css/custom.css' }],
    '@docusaurus/theme-mermaid',
    ['@easyops-cn/docusaurus-search-local', { hashed: true, language: ['en'], indexBlog: false, docsRouteBasePath: '/docs' }],
  ],
  plugins: [
    ['@docusaurus/plugin-content-docs', { sidebarPath: './sidebars.ts', routeBasePath: 'docs' }],
    '@docusaurus/plugin-content-pages',
    '@docusaurus/plugin-sitemap',
    '@docusaurus/plugin-svgr',
    '@docusaurus/plugin-css-cascade-layers',
    './src/build/site-plugin.ts',
  ],
  themeConfig: {
    colorMode: { respectPrefersColorScheme: true },
    navbar: {
      title: 'Inside Kubernetes',
      items: [
        { type: 'docSidebar', sidebarId: 'course', label: 'Course', position: 'left' },
        { type: 'docSidebar', sidebarId: 'instructors', label: 'Instructors', position: 'left' },
        { type: 'docSidebar', sidebarId: 'contributing', label: 'Contributing', position: 'left' },
      ],
    },
    footer: {
      links: [
        { label: 'Map of the code', to: '/docs/contributing/architecture' },
        { label: 'What is emulated', to: '/docs/contributing/fidelity' },
      ],
      copyright: 'MIT licence. Kubernetes is a trademark of the Linux Foundation; this course is not theirs.',
    },
    docs: { sidebar: { hideable: true } },
    prism: { theme: lightCode, darkTheme: darkCode, additionalLanguages: ['bash', 'yaml', 'json'] },
    mermaid: { theme: { light: 'neutral', dark: 'dark' }, options: {} },
  } satisfies UserThemeConfig & MermaidThemeConfig,
};

export default config;
