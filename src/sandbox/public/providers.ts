/** The public list of providers and their figures. Shapes and figures are made up: those of the real gateway are not known. */
import { Rejection } from '../envelope.ts';

interface Provider {
  id: string;
  name: string;
  region: string;
  models: number;
  stats: ProviderStats;
}

interface ProviderStats {
  requests_24h: number;
  /** Per cent. */
  success_rate: number;
  p50_latency_ms: number;
  p95_latency_ms: number;
  /** Tokens a second. */
  throughput: number;
}

const providers: readonly Provider[] = [
  {
    id: 'sandbox-east',
    name: 'Sandbox East (made up)',
    region: 'east',
    models: 15,
    stats: {
      requests_24h: 120_400,
      success_rate: 99.98,
      p50_latency_ms: 420,
      p95_latency_ms: 1_310,
      throughput: 88.5,
    },
  },
  {
    id: 'sandbox-west',
    name: 'Sandbox West (made up)',
    region: 'west',
    models: 8,
    stats: {
      requests_24h: 48_250,
      success_rate: 98.7,
      p50_latency_ms: 760,
      p95_latency_ms: 2_940,
      throughput: 41,
    },
  },
];

/** The body of GET /api-account/providers. */
export function providerList(): unknown {
  const data = providers.map(({ stats: _stats, ...provider }) => provider);
  return { note: 'made up by the alltoken sandbox', data };
}

/** The body of GET /api-account/providers/:id/stats. Throws Rejection (404) for any other provider. */
export function providerStats(id: string): unknown {
  const provider = providers.find((candidate) => candidate.id === id);
  if (provider) return { data: { id, note: 'made up by the alltoken sandbox', ...provider.stats } };
  throw new Rejection({
    status: 404,
    code: 'not_found',
    type: 'invalid_request_error',
    message: `There is no provider ${JSON.stringify(id.slice(0, 100))}.`,
  });
}
