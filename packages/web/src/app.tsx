import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { useEffect, useRef } from 'preact/hooks';
import { BuildPage } from './pages/build-page.tsx';
import { BuildsPage } from './pages/builds-page.tsx';
import { LogPage } from './pages/log-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { AccountPage } from './account/account-page.tsx';
import { EvaluationPage } from './evaluations/evaluation-page.tsx';
import { EvaluationsPage } from './evaluations/evaluations-page.tsx';
import { BuilderPage } from './builders/builder-page.tsx';
import { BuildersPage } from './builders/builders-page.tsx';
import { ConnectionNotice } from './frame/connection-notice.tsx';
import { Header } from './frame/header.tsx';
import { KeyList } from './frame/key-list.tsx';
import { obeyKeyboard } from './frame/keyboard.ts';
import { NowPage } from './now/now-page.tsx';
import { QueuePage } from './queue/queue-page.tsx';
import { SearchDialog } from './search/search-dialog.tsx';

// Files that the server gives out are not pages of ours.
const pages = /^\/(?!api\/|build\/|oidc-)/;

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
  const searching = useRef<HTMLDialogElement>(null);
  const help = () => keyList.current?.showModal();
  const search = () => searching.current?.showModal();
  useEffect(() => obeyKeyboard({ go: route, help, search }), [route]);
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <Header onHelp={help} onSearch={search} />
      <main id="content" tabIndex={-1}>
        <Router>
          <Route path="/" component={BuildsPage} />
          <Route path="/now" component={NowPage} />
          <Route path="/queue" component={QueuePage} />
          <Route path="/builders" component={BuildersPage} />
          <Route path="/builders/:builder" component={BuilderPage} />
          <Route path="/evaluations" component={EvaluationsPage} />
          <Route path="/evaluations/:evaluation" component={EvaluationPage} />
          <Route path="/account" component={AccountPage} />
          <Route path="/oidc-login/:provider" component={AccountPage} />
          <Route path="/oidc-callback/:provider" component={AccountPage} />
          <Route path="/builds/:build" component={BuildPage} />
          <Route path="/builds/:build/steps/:step" component={LogPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </main>
      <ConnectionNotice />
      <KeyList dialog={keyList} />
      <SearchDialog dialog={searching} />
    </>
  );
}
