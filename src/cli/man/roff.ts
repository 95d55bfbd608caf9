/** The few macros that a manual page is made of, and how text is written so that roff takes none of it for its own. It knows no command. */

/**
 * Text as roff prints it letter by letter: a dash stays one that can be copied, quotes stay straight, and no line begins
 * with a request. ASCII only; what is not is named by its number.
 */
export function asText(text: string): string {
  const letters = text.replace(/[^\n -~]|[\\\-'`^~]/gu, (letter) => {
    const known = special[letter];
    if (known !== undefined) return known;
    return `\\[u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
  });
  return letters.replace(/^(?=\.)/gm, '\\&');
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  // Not in every font; three dots are.
  '…': '...',
};

export function bold(text: string): string {
  return `\\fB${asText(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${asText(text)}\\fR`;
}

/** One argument of a macro. */
function quoted(text: string): string {
  return `"${asText(text).replaceAll('"', '\\(dq')}"`;
}

export function title(name: string, version: string): string {
  // No date: the page of a version is the same whenever it is built.
  return `.TH ${quoted(name.toUpperCase())} 1 ${quoted('')} ${quoted(`alltoken ${version}`)} ${quoted('User Commands')}`;
}

export function section(name: string): string {
  return `.SH ${quoted(name.toUpperCase())}`;
}

export function subsection(name: string): string {
  return `.SS ${quoted(name)}`;
}

export function paragraph(text: string): string {
  return `.PP\n${asText(text)}`;
}

/** `term`: roff already. */
export function tagged(term: string, text: string): string {
  return `.TP\n${term}\n${asText(text)}`;
}

/** Lines as they are, not filled. */
export function verbatim(lines: readonly string[]): string {
  return ['.EX', ...lines.map(asText), '.EE'].join('\n');
}

/** The whole of a page, with a line end. A paragraph begins by itself below a heading. */
export function page(parts: readonly string[]): string {
  const lines = parts.map((part, index) =>
    /^\.S[HS] /.test(parts[index - 1] ?? '') ? part.replace(/^\.PP\n/, '') : part,
  );
  return `${lines.join('\n')}\n`;
}
