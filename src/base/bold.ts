/** The one mark in text of ours: bold, for headings. Whoever shows the text on something else than a terminal takes it out. */

const ON = '\u001b[1m';
const OFF = '\u001b[22m';

export function bold(text: string): string {
  return text === '' ? '' : `${ON}${text}${OFF}`;
}

/** The same text without the marks. */
export function withoutBold(text: string): string {
  return text.replaceAll(ON, '').replaceAll(OFF, '');
}
