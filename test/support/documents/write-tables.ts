/** Makes the generated tables of the documents anew: `npm run documents`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentsIn, generatedPart, root } from './markdown.ts';
import { withTables } from './tables.ts';

for (const { path, text } of documentsIn('docs/partners')) {
  const made = withTables(text, generatedPart);
  if (made === text) continue;
  writeFileSync(join(root, path), made);
  console.log(`${path} is up to date now`);
}
