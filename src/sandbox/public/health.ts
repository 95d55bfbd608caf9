/** The public health boards. The figures are made up and never change; the summary is counted from the routes. */

interface RouteHealth {
  model: string;
  provider: string;
  status: 'healthy' | 'degraded' | 'incident';
  /** Per cent. */
  availability: number;
  p50_latency_ms: number;
  p95_latency_ms: number;
  /** Tokens a second. */
  throughput: number;
  incidents: readonly { started_at: string; minutes: number; title: string }[];
}

const routes: readonly RouteHealth[] = [
  healthy('gpt-5.4-mini', 'sandbox-east', 99.99, 410, 1_280, 92.4),
  healthy('claude-sonnet-4-6', 'sandbox-east', 99.98, 640, 1_900, 71),
  healthy('gemini-3-flash-preview', 'sandbox-east', 99.97, 380, 1_150, 110.2),
  healthy('deepseek-v4-pro', 'sandbox-east', 100, 520, 1_610, 64.8),
  {
    ...healthy('glm-5', 'sandbox-west', 99.21, 910, 4_870, 33.5),
    status: 'degraded',
  },
  {
    ...healthy('qwen3.6-flash', 'sandbox-west', 96.5, 1_240, 9_990, 12),
    status: 'incident',
    incidents: [
      {
        started_at: '2026-01-02T03:04:05Z',
        minutes: 42,
        title: 'An incident that the alltoken sandbox made up',
      },
    ],
  },
];

function healthy(
  model: string,
  provider: string,
  availability: number,
  p50: number,
  p95: number,
  throughput: number,
): RouteHealth {
  const latency = { p50_latency_ms: p50, p95_latency_ms: p95 };
  return {
    model,
    provider,
    status: 'healthy',
    availability,
    ...latency,
    throughput,
    incidents: [],
  };
}

/** The body of GET /api-account/health/routes. Its shape on the real gateway is not known: this one is made up. */
export function healthRoutes(): unknown {
  return { note: 'made up by the alltoken sandbox', data: routes };
}

/** The body of GET /api-account/health/summary: the keys of the real gateway, availability in per cent. */
export function healthSummary(): unknown {
  const count = (status: RouteHealth['status']): number =>
    routes.filter((route) => route.status === status).length;
  // In hundredths, which are whole: a sum of floats would show its rounding.
  const hundredths = routes.reduce(
    (sum, { availability }) => sum + Math.round(availability * 100),
    0,
  );
  return {
    data: {
      total_routes: routes.length,
      healthy_routes: count('healthy'),
      degraded_routes: count('degraded'),
      incident_routes: count('incident'),
      median_latency_ms: median(routes.map((route) => route.p50_latency_ms)),
      overall_availability: Math.round(hundredths / routes.length) / 100,
    },
  };
}

/** Of an even number of values, the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? 0;
  const lower = sorted[(sorted.length - 1) >> 1] ?? 0;
  return (lower + upper) / 2;
}
