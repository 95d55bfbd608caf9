/** The public rankings. Shapes, figures and places are made up: no model was measured. */

/** The body of GET /api-account/rankings/all. */
export function rankings(): unknown {
  return {
    data: {
      note: 'made up by the alltoken sandbox: no model was measured',
      updated_at: '2026-01-02T03:04:05Z',
      usage: ranked('tokens_7d', [
        ['gpt-5.4-mini', 91_200_000],
        ['deepseek-v4-pro', 64_500_000],
        ['claude-sonnet-4-6', 40_100_000],
      ]),
      benchmark: ranked('score', [
        ['claude-opus-4-7', 71.5],
        ['gpt-5.5', 70.25],
        ['gemini-3.1-pro-preview', 69],
      ]),
      throughput: ranked('tokens_per_second', [
        ['gemini-3-flash-preview', 110.2],
        ['gpt-5.4-mini', 92.4],
        ['claude-sonnet-4-6', 71],
      ]),
      category_leaders: {
        coding: leader('gpt-5.3-codex', 88.1),
        search: leader('deepseek-v4-pro', 81.4),
        vision: leader('gemini-3.1-pro-preview', 84.9),
      },
    },
  };
}

function ranked(measure: string, places: readonly (readonly [string, number])[]): object[] {
  return places.map(([model, value], index) => ({ rank: index + 1, model, [measure]: value }));
}

function leader(model: string, score: number): object {
  return { model, score };
}
