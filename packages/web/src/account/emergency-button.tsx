import { useResource } from '../api/resource.ts';
import { apiRoot } from '../api/v2.ts';
import type { EmergencyList } from '../api/v2.ts';
import { account, may } from './account.ts';
import { ActionButtons } from './action-buttons.tsx';

type Subject = { readonly subject: EmergencyList['items'][number]['subject']; readonly id: number };

/** Lets a build or an evaluation go before everything else, or no longer, for who may. */
export const EmergencyButton = (subject: Subject) =>
  may(account.value, 'emergency') ? <OrderButton {...subject} /> : null;

function OrderButton({ subject, id }: Subject) {
  const { data, again } = useResource<EmergencyList>(`${apiRoot}/emergencies`, {
    isAffected: () => true,
  });
  if (data === undefined) return null;
  const path = `${apiRoot}/${subject}s/${id}/emergency`;
  const isOne = data.items.some((one) => one.subject === subject && one.id === id);
  const action = isOne
    ? { name: 'End emergency', path, method: 'DELETE' as const }
    : {
        name: 'Emergency',
        path,
        body: {},
        question: `Let ${subject} ${id} go before everything else, with all that it needs?`,
      };
  return <ActionButtons actions={[action]} onDone={again} />;
}
