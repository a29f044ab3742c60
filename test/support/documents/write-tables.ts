/** Makes the generated tables of the documents again: `npm run documents`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentsIn, generatedPart, readDocument, root } from './markdown.ts';
import { withTables } from './tables.ts';

// Done twice, because the index contains the lengths of the other pages.
for (const { path } of [...documentsIn('docs/partners'), ...documentsIn('docs/partners')]) {
  const { text } = readDocument(path);
  const made = withTables(text, generatedPart);
  if (made === text) continue;
  writeFileSync(join(root, path), made);
  console.log(`${path} is up to date now`);
}
