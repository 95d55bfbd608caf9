/** What can happen to a request, as tables: on the way anywhere, and at each route of the gateways. Nothing happens here. */

export const networkFaults = [
  'refused',
  'no name',
  'connect time-out',
  'reset before it arrived',
  'reset after it arrived',
  'silence before it arrived',
  'silence after it arrived',
  'cut',
  'silence in the body',
  'clean cut',
  'crumbs',
  '502 before it arrived',
  '502 after it arrived',
  'redirect',
] as const;
export type NetworkFault = (typeof networkFaults)[number];

/** Where faults are planned: every place that commands pass, more often where money is at stake. */
export const routes: readonly (readonly [
  place: string,
  most: number,
  faults: readonly string[],
])[] = [
  [
    'POST /v1/chat/completions',
    2,
    [
      '429',
      '503',
      '500',
      '429 for long',
      '401',
      '402',
      '404',
      'page',
      'content filter',
      'error in the stream',
      'no end',
      'no cost',
      'bad cost',
      'late cost',
      'comments',
    ],
  ],
  [
    'POST /v1/images/generations/async',
    2,
    ['429', '503', '500', '429 for long', '401', '402', '404'],
  ],
  ['GET /v1/images/generations/{id}', 6, ['429', '503', '500', 'claimed', 'unknown word', '401']],
  ['POST /v1/images/edits', 2, ['429', '503', '500', '429 for long', '401', '402', '404']],
  ['POST /v1/uploads/presign', 2, ['429', '503', '500', '401', '404', 'page']],
  ['PUT upload', 2, ['403', '503']],
  ['POST /v1/videos/generations', 2, ['429', '503', '500', '429 for long', '401', '402', '404']],
  ['GET /v1/videos/generations/{id}', 8, ['429', '503', '500', 'unknown word', '401']],
  ['GET /v1/videos/generations', 1, ['429', '503', '500']],
  ['POST /v1/videos/generations/{id}/cancel', 1, ['429', '503', '500']],
  ['GET file', 3, ['404', '403', '503', 'page', 'other file', 'whole file', 'replaced']],
  ['GET /api-account/models', 1, ['429', '503', '500']],
  ['GET /api-account/models/{id}', 1, ['429', '503', '500']],
  ['GET /v1/models', 1, ['429', '503', '500']],
  ['GET /v1/images/models', 1, ['429', '503', '500']],
  ['GET /v1/videos/models', 1, ['429', '503', '500']],
  ['GET /api/v1/models', 1, ['429', '503', '500']],
  ['POST /api/v1/chat/completions', 1, ['429', '503', '500', '402', 'page']],
  ['POST /api/v1/images/generations', 1, ['429', '503', '500', '402', 'page']],
  ['POST /api/v1/videos/generations', 1, ['429', '503', '500', '402', 'page']],
  ['GET /api/v1/videos/generations/{id}', 5, ['429', '503', '500', '401', 'page']],
  ['GET /api/v1/images/generations/{id}', 3, ['429', '503', '500', '401', 'page']],
];

/** What a route says when nothing goes wrong with it; each is counted. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  'POST /v1/chat/completions': [
    'streamed: stop',
    'streamed: length',
    'streamed: content_filter',
    'whole: stop',
    'whole: length',
  ],
  'POST /v1/images/generations/async': ['ordered', 'known already'],
  'POST /v1/images/edits': ['ordered', 'known already'],
  'GET /v1/images/generations/{id}': [
    ...['queued', 'running', 'failed', 'refused'],
    ...['first', 'first and only', 'again', 'retrieved', 'expired'],
  ],
  'GET /v1/videos/generations/{id}': [
    ...['queued', 'running', 'failed', 'refused', 'completed', 'cancelled'],
  ],
  'GET /v1/videos/generations': ['none', 'some'],
  'POST /v1/videos/generations/{id}/cancel': ['cancelled', 'cancelled before', 'finished'],
  'GET file': ['all of it', 'a range'],
  'POST /api/v1/images/generations': ['bytes', 'addresses', 'a task'],
  'GET /api/v1/images/generations/{id}': ['queued', 'running', 'failed', 'succeeded'],
  'GET /api/v1/videos/generations/{id}': ['queued', 'running', 'failed', 'succeeded'],
};

export function kindsOf(route: string): readonly string[] {
  return kinds[route] ?? [];
}

const anywhere = ['429', '503', '500'];
const byRoute = new Map(routes.map(([place, , faults]) => [place, faults]));

/** What a gateway can do at a route, whether it is planned or not. */
export function faultsOf(route: string): readonly string[] {
  return byRoute.get(route) ?? anywhere;
}
