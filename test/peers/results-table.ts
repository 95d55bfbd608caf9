/** Prints a table when the run against other people's servers is over: server, topic, cases, passed. The outermost group of a test names its server. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';

interface Row {
  server: string;
  topic: string;
  cases: number;
  passed: number;
}

export default class ResultsTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = new Map<string, Row>();
    for (const module of modules)
      for (const test of module.children.allTests()) {
        const [server = module.relativeModuleId, topic = ''] = groupsOf(test);
        const row = rows.get(`${server}\n${topic}`) ?? { server, topic, cases: 0, passed: 0 };
        row.cases += 1;
        if (test.result().state === 'passed') row.passed += 1;
        rows.set(`${server}\n${topic}`, row);
      }
    console.log(`\n${tableOf([...rows.values()].sort(byName))}\n`);
  }
}

/** Titles of the groups that a test is in, from outside to inside. */
function groupsOf(test: TestCase): string[] {
  const titles: string[] = [];
  for (let at = test.parent; at.type === 'suite'; at = at.parent) titles.unshift(at.name);
  return titles;
}

function byName(one: Row, other: Row): number {
  return `${one.server}\n${one.topic}` < `${other.server}\n${other.topic}` ? -1 : 1;
}

function tableOf(rows: readonly Row[]): string {
  const count = (pick: 'cases' | 'passed'): number => rows.reduce((sum, row) => sum + row[pick], 0);
  const lines = [
    ['server', 'topic', 'cases', 'passed'],
    ...rows.map(({ server, topic, cases, passed }) => [server, topic, `${cases}`, `${passed}`]),
    ['all', '', `${count('cases')}`, `${count('passed')}`],
  ];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
