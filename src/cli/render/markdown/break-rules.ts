/** Where a line may end inside of text that has no spaces: Chinese and Japanese. Korean has spaces, and its words stay whole. */

const ideograph =
  /[\u2e80-\u2fdf\u3001-\u3029\u3030-\u303e\u3041-\u3096\u309b-\u30ff\u31f0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
/** Never first on a line: closing punctuation, small kana, what combines with the character before. */
const sticksToBefore =
  /[\u3001\u3002\u3005\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301b\u301e\u301f\u303b\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e\u309b-\u309e\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5\u30f6\u30fb-\u30fe\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d\uff60\u2014\u2019\u201d\u2026!%),.:;?\]}"'\u00b0\u00bb\u200b\u200c\u2060]|\u200d|\p{M}/u;
/** Never last on a line: opening punctuation. */
const sticksToNext =
  /[\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\u301a\u301d\uff08\uff3b\uff5b\uff5f\u2018\u201c([{"'\u00ab$\u2060\u200d]/;

/** Whether text has any character that a line may break beside. */
export function hasIdeographs(text: string): boolean {
  return ideograph.test(text);
}

/** Whether a line may end between two characters that have no space between them. */
export function mayBreak(before: string, after: string): boolean {
  return (
    (ideograph.test(before) || ideograph.test(after)) &&
    !sticksToBefore.test(after) &&
    !sticksToNext.test(before)
  );
}
