/**
 * For Portkey, before it starts: it adds headers to the very reply that fetch gave it, which Node does not allow; without this each
 * stream is answered with 500. A copy of the headers, for each call.
 */
const fetched = globalThis.fetch;
globalThis.fetch = async (...words) => {
  const reply = await fetched(...words);
  Object.defineProperty(reply, 'headers', { value: new Headers(reply.headers) });
  return reply;
};
