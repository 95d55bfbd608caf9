/** The names under which we are installed. It starts none of them. */

/** Commands that are also executables of their own. */
const own = ['chat', 'image', 'video', 'search', 'models', 'cost'] as const;

/** The program first. */
export const executables: readonly string[] = [
  'alltoken',
  ...own.map((name) => `alltoken-${name}`),
];
