import { alertEvents } from '../../../../domain/alerting/alert.ts';
import type { Alert } from '../../core/types.ts';
import { useList } from '../../core/use-list.ts';
import { Code, Empty, Text } from '../../parts/basics.tsx';
import type { Column } from '../../parts/data-table.tsx';
import type { Field } from '../../parts/field.ts';
import { readList } from '../../parts/field-text.ts';
import { Name } from '../../parts/name.tsx';
import { SecretShown, Warnings } from './secret-shown.tsx';
import { SettingsList } from './settings-list.tsx';

const sentences: Readonly<Record<Alert['events'][number], string>> = {
  'endpoint.failing': "A publisher's endpoint has failed 10 times in a row.",
  'endpoint.paused': "A publisher's endpoint was paused because it only failed, or answered 410 Gone. Its deliveries are held.",
  'delivery.dead': 'A delivery was given up after its last attempt.',
  'partner.silent': 'A partner has sent nothing for three times its usual gap, and for an hour at least.',
  'partner.held_rate': 'A fifth or more of what a partner sent within an hour is held.',
  'partner.reversal_rate': 'A fifth or more of what a partner decided within an hour is reversals.',
  'partner.signature_failures': 'A partner sent 10 postbacks with a missing or wrong signature within an hour.',
  'cap.reached': 'A cap of an offer is full. What comes over it is held.',
  'reconciliation.gap': "A partner's file differs from our records, or postbacks did not lead to what they should have.",
};

const columns: readonly Column<Alert>[] = [
  { title: 'Name', cell: ({ name }) => <Text of={name} /> },
  { title: 'Goes to', cell: ({ url, email }) => (url === null ? <Text of={email} /> : <Code of={url} />) },
  { title: 'Events', cell: ({ events }) => <Text of={events.length === alertEvents.length ? 'all' : events.join(', ')} /> },
  { title: 'Only this partner', cell: ({ partner_id }) => <Name of="partner" id={partner_id} /> },
  { title: 'Only this publisher', cell: ({ publisher_id }) => <Name of="publisher" id={publisher_id} /> },
];
const keyOf = ({ alert_id }: Alert) => alert_id;

const fields: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, placeholder: 'Channel of operations' },
  {
    name: 'by',
    label: 'Goes to',
    kind: 'select',
    options: [
      { value: 'url', text: 'a URL, such as the incoming webhook of a chat' },
      { value: 'email', text: 'an email address' },
    ],
  },
  {
    name: 'url',
    label: 'URL',
    kind: 'url',
    required: true,
    placeholder: 'https://hooks.example.com/services/T/B/X',
    help: 'We POST signed JSON to it. A chat shows the text.',
    asked: ({ by }) => by !== 'email',
  },
  {
    name: 'email',
    label: 'Email',
    required: true,
    placeholder: 'ops@example.com',
    help: 'We first send a link to confirm this email address, and no alerts until somebody follows it.',
    asked: ({ by }) => by === 'email',
  },
  {
    name: 'events',
    label: 'Tell me when',
    kind: 'checks',
    options: alertEvents.map((value) => ({ value, text: sentences[value] })),
    help: 'Each alert is sent at most once an hour for the same cause.',
    read: readList,
  },
  { name: 'partner_id', label: 'Only about this partner', idOf: 'partner', help: 'Leave empty for all.' },
  { name: 'publisher_id', label: 'Only about this publisher', idOf: 'publisher', help: 'Leave empty for all.' },
];

function textsOf({ name, url, email, events, partner_id, publisher_id }: Alert): Readonly<Record<string, string>> {
  return {
    name,
    by: email === null ? 'url' : 'email',
    url: url ?? '',
    email: email ?? '',
    events: events.join(', '),
    partner_id: partner_id ?? '',
    publisher_id: publisher_id ?? '',
  };
}

interface Saved {
  readonly alert: Alert;
  /** The secret of an alert that was just created. */
  readonly secret?: string;
  readonly warnings: readonly string[];
}

export function AlertsPage() {
  const list = useList<Alert>('/alerts', 'alerts');
  return (
    <SettingsList<Alert, Saved>
      title="Alerts"
      about="Who is told when something is wrong, and of what."
      what="alert"
      path="/alerts"
      list={list}
      columns={columns}
      keyOf={keyOf}
      empty={<Empty title="No alerts yet.">Nobody is told when an endpoint fails or a partner falls silent.</Empty>}
      newFields={fields}
      fields={fields}
      blank={{ by: 'url' }}
      textsOf={textsOf}
      bodyOf={({ by: _, ...rest }) => ({ events: [], partner_id: null, publisher_id: null, ...rest })}
      toShow={({ alert, secret, warnings }) => {
        // Emails are not signed, so they have no secret to show.
        const signed = alert.url === null ? undefined : secret;
        if (signed === undefined && warnings.length === 0) return undefined;
        return (
          <>
            <Warnings of={warnings} />
            {signed !== undefined && <SecretShown secret={signed} reader="whoever runs the URL" />}
          </>
        );
      }}
      deleted="It notifies nobody any more. This cannot be undone."
    />
  );
}
