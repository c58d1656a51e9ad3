import type { ITheme } from '@xterm/xterm';

/** Colours of the terminal beside the site's two modes. Contrast is raised by xterm where a program picks a pale one. */
export const terminalThemes: Readonly<Record<'light' | 'dark', ITheme>> = {
  light: {
    background: '#fbfbfa', foreground: '#23272e', cursor: '#2f5bd8', cursorAccent: '#fbfbfa', selectionBackground: '#cfdcff',
    black: '#23272e', red: '#b3261e', green: '#1d6f42', yellow: '#8a5a00', blue: '#2f5bd8', magenta: '#8a3ea8', cyan: '#0b6e7f', white: '#6b7280',
    brightBlack: '#5b626d', brightRed: '#c5362e', brightGreen: '#22804c', brightYellow: '#9c6a08', brightBlue: '#3f6be6', brightMagenta: '#9b4fb8', brightCyan: '#117e91', brightWhite: '#3a404a',
  },
  dark: {
    background: '#14171c', foreground: '#d8dce3', cursor: '#8ab0ff', cursorAccent: '#14171c', selectionBackground: '#33457a',
    black: '#14171c', red: '#ff8a80', green: '#7fd39b', yellow: '#e6c06a', blue: '#8ab0ff', magenta: '#d6a3f0', cyan: '#77d3e0', white: '#d8dce3',
    brightBlack: '#8b93a1', brightRed: '#ffa8a0', brightGreen: '#9be3b3', brightYellow: '#f2d58f', brightBlue: '#adc8ff', brightMagenta: '#e4c0f7', brightCyan: '#9fe4ee', brightWhite: '#ffffff',
  },
};
