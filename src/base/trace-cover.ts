/** Takes secrets out of the lines of `--debug`: also one that several events of a body have in pieces, or that JSON escapes letter by letter. */
import { parseLoosely, withTexts } from './json.ts';
import { SecretStream } from './redact.ts';

/** Texts of a body that are followed from event to event, by where they are. */
const MOST_TEXTS = 1000;

/** One per body: give it the lines in order. A line without a secret stays as it is. */
export class TraceCover {
  private readonly forms: readonly string[];
  private readonly texts = new Map<string, SecretStream>();

  constructor(forms: readonly string[]) {
    this.forms = forms;
  }

  clean(message: string): string {
    if (this.forms.length === 0) return message;
    const lines = message.split('\n');
    if (lines.length > 1 && lines.every((line) => line.startsWith('< '))) {
      const whole = this.json(lines.map((line) => line.slice(2)).join('\n'));
      if (whole !== null) return whole.isSame ? message : `< ${whole.text}`;
    }
    return lines.map((line) => this.line(line)).join('\n');
  }

  private line(line: string): string {
    const [begin = '', json = ''] =
      /^([<>] (?:data:|error:|:)? ?)([[{"].*)$/s.exec(line)?.slice(1) ?? [];
    const found = json === '' ? null : this.json(json);
    if (found !== null) return found.isSame ? line : begin + found.text;
    const read = line.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
    const clean = this.whole(read);
    return clean === read ? line : clean;
  }

  /** null: it is not JSON. */
  private json(text: string): { isSame: boolean; text: string } | null {
    try {
      const value = parseLoosely(text);
      const clean = withTexts(
        value,
        (one, place) => this.text(one, place),
        (name) => this.whole(name),
      );
      return { isSame: clean === value, text: JSON.stringify(clean) };
    } catch {
      // Not JSON, or nested too deeply.
      return null;
    }
  }

  private text(text: string, place: string): string {
    const known = this.texts.get(place);
    if (known !== undefined) return known.cover(text);
    if (this.texts.size >= MOST_TEXTS) this.texts.clear();
    const stream = new SecretStream(this.forms);
    this.texts.set(place, stream);
    return stream.cover(text);
  }

  private whole(text: string): string {
    return new SecretStream(this.forms).whole(text);
  }
}
