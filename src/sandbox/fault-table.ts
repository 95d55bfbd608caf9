/** The faults of the sandbox, with a sentence each for the help. Their names are a type of the library. */

/** For chat; those that replace a whole reply are for creating images and videos too. */
export const chatFaults = {
  'rate-limit': 'Answers 429 rate_limited with Retry-After: 1.',
  upstream: 'Answers 503 all_providers_failed.',
  'server-error': 'Answers 500 in the error envelope.',
  'bad-gateway': 'Answers 502 with the HTML page of a proxy.',
  'gateway-timeout': 'Answers 504 with the HTML page of a proxy.',
  'bad-key': 'Answers 401 invalid_api_key.',
  'no-balance': 'Answers 402 insufficient_balance.',
  forbidden: 'Answers 403 forbidden.',
  'not-found': 'Answers 404 model_not_found.',
  rejected: 'Answers 400 invalid_request.',
  'content-policy': 'Answers 400 upstream_content_violation.',
  html: 'Answers 200 with an HTML page.',
  'envelope-200': 'Answers 200 with a JSON error envelope.',
  redirect: 'Answers 307 to /elsewhere.',
  hang: 'Accepts the request and never answers.',
  'lost-reply': 'Reads the request, then drops the connection.',
  'content-filter': 'Ends the answer early with finish_reason content_filter.',
  length: 'Ends the answer early with finish_reason length.',
  'cut-stream': 'Sends some text, then drops the connection.',
  'no-done': 'Sends some text, then ends with no finish_reason and no [DONE].',
  empty: 'Answers 200 and ends at once with nothing.',
  'stream-error': 'Sends some text, then an error event.',
  'error-first': 'Answers 200 with an error as the only event.',
  stall: 'Sends some text, then nothing until the client leaves.',
  'bad-json': 'Sends some text, then a data line that is not JSON.',
  'comments-only': 'Sends a keep-alive comment every 100 ms and nothing else.',
  slow: 'Waits 150 ms between pieces.',
  crlf: 'Ends lines with CRLF.',
  'byte-by-byte': 'Sends a few bytes at a time and cuts UTF-8 characters.',
  'no-cost': 'Leaves the cost comment out.',
  'bad-cost': 'Sends a cost comment whose cost is not a number.',
  'late-cost': 'Sends the cost comment 300 ms after [DONE].',
  'tool-call': 'Answers with a tool call.',
  'cut-tool-call': 'Answers with a tool call whose arguments are cut off.',
  escape: 'Puts terminal escape sequences and bidi overrides into the answer.',
  big: 'Makes the answer about 1 MB long.',
} as const;

/** For images, videos, uploads and files only. */
export const mediaFaults = {
  'lost-create': 'Makes the task, then drops the connection before a byte of the reply.',
  'slow-task': 'Makes a task that takes ten times as long.',
  'never-finish': 'Makes a task that stays processing.',
  'task-fails': 'Makes a task that ends failed.',
  'task-expires': 'Makes a video task that ends expired.',
  'odd-state': 'Makes a task with an unknown state, and SUCCEEDED at the end.',
  'no-r2': 'Makes an image task whose result has no r2_url.',
  'no-b64': 'Makes an image task whose result never has b64_json.',
  'no-result': 'Makes a task that completes with no result at all.',
  'bad-image': 'Makes an image task whose b64_json is not an image.',
  'bad-base64': 'Makes an image task whose b64_json has garbage in it.',
  'poll-errors': 'Answers a poll with a bare 503 or a dropped connection, in turns.',
  'absurd-poll':
    'Requests the next poll in a day or in -1 ms, in turns, and sends Retry-After: soon.',
  gone: 'Answers the poll of a completed image 410 image_already_retrieved.',
  'image-expired': 'Answers the poll of a completed image 410 image_expired.',
  claimed: 'Answers the poll of a completed image 409: another request is fetching it.',
  'half-body': 'Breaks the body of a completed task off in the middle; it counts as delivered.',
  'unsafe-url': 'Gives file URLs in a completed task that point to http://169.254.169.254/.',
  'dead-url': 'Answers a download 403, and this URL from then on; a poll gives a fresh one.',
  'cut-download': 'Breaks a download off after half of the rest.',
  'changed-file':
    'Changes the bytes and the ETag of a file, but not its length, before a download.',
  'redirect-file': 'Answers a download 302 to http://169.254.169.254/.',
  'slow-file': 'Sends a download in small pieces over two seconds.',
  'upload-refused': 'Answers the PUT of an upload 403.',
  'list-no-prompt': 'Leaves the prompts out of the list of videos.',
} as const;

/** For the public catalogue and the public boards only. */
export const publicFaults = {
  'catalogue-down': 'Answers 503 to everything under /api-account.',
  'odd-catalogue': 'Gives the prices of the catalogue for 1,000 tokens, under the same names.',
  'odd-boards': 'Answers a public board with scalars and nested lists of no known shape.',
} as const;

export type FaultName =
  | keyof typeof chatFaults
  | keyof typeof mediaFaults
  | keyof typeof publicFaults;
