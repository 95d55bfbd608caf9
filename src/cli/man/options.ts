/** Options as the tagged paragraphs of a manual page. */
import type { OptionNode } from '../tree.ts';
import { bold, italic, subsection, tagged } from './roff.ts';

export function options(all: readonly OptionNode[]): string[] {
  return all.map((option) => tagged(term(option), explanation(option)));
}

/** Under the headings that they have in the help; those without come first. */
export function ownSections(all: readonly OptionNode[]): string[] {
  const headings = [...new Set(all.map(({ group }) => group))];
  return headings
    .sort((one, other) => Number(one !== undefined) - Number(other !== undefined))
    .flatMap((heading) => [
      ...(heading === undefined ? [] : [subsection(heading)]),
      ...options(all.filter(({ group }) => group === heading)),
    ]);
}

/** `-m, --model <id>`: what is typed is bold, what stands for something is italic. */
function term({ name, short, value }: OptionNode): string {
  const names = [short, name].flatMap((each) => (each === undefined ? [] : [bold(each)]));
  const [open, close] = value?.required === false ? ['[', ']'] : ['<', '>'];
  return names.join(', ') + (value === undefined ? '' : ` ${italic(open + value.name + close)}`);
}

function explanation({ description, value, default: fallback }: OptionNode): string {
  const choices = value?.choices === undefined ? [] : [`one of: ${value.choices.join(', ')}`];
  const usual = fallback === undefined ? [] : [`default: ${String(fallback)}`];
  const more = [...choices, ...usual].join('; ');
  return more === '' ? `${description}.` : `${description} (${more}).`;
}
