/** How much of one answer is held in memory, whichever way it comes: in small events, in one event, in one piece, or put together from a stream. */

/** In UTF-16 units of text, and in bytes of a body. One event may be all of it: an image is one. */
export const MAX_ANSWER = 64 * 1024 * 1024;

/** In messages. */
export const MAX_ANSWER_WORDS = '64 MB';
