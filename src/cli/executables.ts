/** What we are, and the names under which we are installed. It starts none of them. */
import { mainCommands } from '../schemas/choices.ts';

/** The program first. */
export const executables: readonly string[] = [
  'alltoken',
  ...mainCommands.map((name) => `alltoken-${name}`),
];

export const about = 'Command-line client for metered AI gateways: answers, and what they cost.';
