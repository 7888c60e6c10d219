import { render } from 'preact';
import { App } from './app.tsx';
import { listenForChanges } from './api/changes.ts';
import './style/ground.css';
import './style/parts.css';
import './style/tables.css';
import './style/log.css';

const page = document.getElementById('page');
if (page === null) throw new Error('index.html has no element for the page');
listenForChanges();
page.replaceChildren();
render(<App />, page);
