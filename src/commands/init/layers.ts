/** The templates as data. Plain lists: parsing a command line reads no template. */

export const templateNames = ['agent', 'tui', 'http', 'python'] as const;

export type TemplateName = (typeof templateNames)[number];

interface Layers {
  /** Folders of `templates` in the package; a file of a later one replaces one of the same name. */
  folders: readonly string[];
  /** What starts it, as words of a shell. */
  start: string;
  startOnWindows?: string;
}

export const layers: Readonly<Record<TemplateName, Layers>> = {
  agent: { folders: ['agent'], start: 'npm start' },
  tui: { folders: ['agent', 'tui'], start: 'npm start' },
  http: { folders: ['agent', 'http'], start: 'npm start' },
  python: {
    folders: ['python'],
    start: 'python3 agent.py "Hello"',
    startOnWindows: 'python agent.py "Hello"',
  },
};

export function isTemplateName(text: string): text is TemplateName {
  return Object.hasOwn(layers, text);
}
