import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { useEffect, useRef } from 'preact/hooks';
import { BuildPage } from './pages/build-page.tsx';
import { BuildsPage } from './pages/builds-page.tsx';
import { LogPage } from './pages/log-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { Header } from './parts/header.tsx';
import { KeyList } from './parts/key-list.tsx';
import { obeyKeyboard } from './parts/keyboard.ts';

// Files that the server gives out are not pages of ours.
const pages = /^\/(?!api\/)/;

export function App() {
  return (
    <LocationProvider scope={pages}>
      <Frame />
    </LocationProvider>
  );
}

function Frame() {
  const { route } = useLocation();
  const keyList = useRef<HTMLDialogElement>(null);
  const showKeys = () => keyList.current?.showModal();
  useEffect(() => obeyKeyboard(route, showKeys), [route]);
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <Header onHelp={showKeys} />
      <main id="content" tabIndex={-1}>
        <Router>
          <Route path="/" component={BuildsPage} />
          <Route path="/builds/:build" component={BuildPage} />
          <Route path="/builds/:build/steps/:step" component={LogPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </main>
      <KeyList dialog={keyList} />
    </>
  );
}
