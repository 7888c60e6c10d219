import { render } from 'preact';
import { App } from './app.tsx';
import { recogniseAccount } from './account/account.ts';
import { listenForChanges } from './api/changes.ts';
import './style/ground.css';
import './style/parts.css';
import './style/tables.css';
import './style/log.css';
import './style/frame.css';
import './style/now.css';
import './style/queue.css';
import './style/builders.css';

const page = document.getElementById('page');
if (page === null) throw new Error('index.html has no element for the page');
listenForChanges();
void recogniseAccount();
page.replaceChildren();
render(<App />, page);
