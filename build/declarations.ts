/** Writes the declaration files of the library, each from one source file alone: what they export says its types itself. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import ts from 'typescript';

const entries = ['library.ts', 'testing.ts'];

/** `directory`: where the bundle is. Throws where an export leaves its type to the compiler. */
export function declarations(directory: string): void {
  const files = new Set(entries);
  for (const file of files) {
    const { outputText, diagnostics } = ts.transpileDeclaration(
      readFileSync(join('src', file), 'utf8'),
      {
        fileName: file,
        reportDiagnostics: true,
        compilerOptions: {
          isolatedDeclarations: true,
          stripInternal: true,
          verbatimModuleSyntax: true,
        },
      },
    );
    const [problem] = diagnostics ?? [];
    if (problem !== undefined)
      throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(problem.messageText, ' ')}`);
    const text = outputText.replace(/from '(\.[^']+)\.ts'/g, (_, path: string) => {
      files.add(normalize(join(dirname(file), `${path}.ts`)));
      return `from '${path}.js'`;
    });
    // Without the peer it is a type that nothing is known of, and no error of the reader's compiler.
    const lenient = text.replace(
      /^(?=import type .* from '(openai|node:http)';$)/gm,
      '// @ts-ignore\n',
    );
    const target = join(directory, file.replace(/\.ts$/, '.d.ts'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, lenient);
  }
}
