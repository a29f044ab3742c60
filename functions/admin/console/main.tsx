import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme, readTheme } from './core/theme.ts';

applyTheme(readTheme());
const root = document.getElementById('console');
if (root === null) throw new Error('the page has no place for the console');
render(<App />, root);
