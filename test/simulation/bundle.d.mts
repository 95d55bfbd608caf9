export function bundle(
  entry: string,
  outfile: string,
  instead: Readonly<Record<string, string>>,
): Promise<void>;
