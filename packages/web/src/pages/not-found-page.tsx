import { Notice } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';

export function NotFoundPage() {
  useTitle('Not found');
  return (
    <Notice title="There is nothing here.">
      Perhaps you are looking for <a href="/">the builds</a>.
    </Notice>
  );
}
