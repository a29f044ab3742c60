import { showReference } from './reference.ts';
import { startSearch } from './search.ts';

startSearch();
void showReference();
