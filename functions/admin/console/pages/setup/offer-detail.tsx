import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Click, Offer } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Badge, ErrorNote, Facts, Id, Loading, Note, Page, Section, Text } from '../../parts/basics.tsx';
import { Copyable } from '../../parts/copy.tsx';
import { DeleteSection } from '../../parts/delete-section.tsx';
import type { Field } from '../../parts/field.ts';
import { Form } from '../../parts/form.tsx';
import { Name } from '../../parts/name.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { offerFields, offerTexts } from './offer-fields.ts';
import { SettingsForm } from './settings-form.tsx';

const clickFields: readonly Field[] = [
  { name: 'placement_id', label: 'Placement', idOf: 'placement', help: 'Or choose a publisher.' },
  { name: 'publisher_id', label: 'Publisher', idOf: 'publisher', help: 'If there is no placement.' },
  { name: 'user_id', label: 'User', required: true, placeholder: 'user-1' },
];

export function OfferDetailPage({ id }: { readonly id: string }) {
  const { api, role } = useSession();
  const say = useToast();
  const { value, error, reload } = useLoad<{ offer: Offer }>(path`/offers/${id}`);
  const [click, setClick] = useState<Click | undefined>();
  const offer = value?.offer;
  return (
    <Page
      title={offer?.name ?? 'Offer'}
      up={{ href: to(['offers']), name: 'Offers' }}
      about={<Id of={id} />}
      actions={
        <a class="button" href={to(['conversions'], { offer_id: id })}>
          Its conversions
        </a>
      }
    >
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!offer && !error && <Loading what="the offer" />}
      {offer && (
        <>
          <Section title="Tracking link" about="Publishers send their users here. Fill in the placement and the publisher's own user id.">
            <Copyable
              label="tracking link"
              text={`${location.origin}/track/${encodeURIComponent(id)}?placement_id=PLACEMENT&user_id=USER`}
            />
          </Section>
          <Section title="Settings">
            <p class="help actions">
              Partner <Name of="partner" id={offer.partner_id} />
            </p>
            {role === 'admin' ? (
              <SettingsForm
                fields={offerFields}
                initial={offerTexts(offer)}
                at={path`/offers/${id}`}
                changed={offer.updated_at}
                saved="Saved. Conversions that are already settled keep their terms."
                onSaved={reload}
              />
            ) : (
              <Facts
                of={[
                  ['Status', <Badge status={offer.status} />],
                  ['Revenue share', <Text of={offer.revenue_share_percent === null ? null : `${offer.revenue_share_percent}%`} />],
                  ['Fixed payout', <Text of={offer.payout} />],
                  ['Hold period', <Text of={offer.hold_hours === null ? null : `${offer.hold_hours} h`} />],
                  ['Caps', <Text of={offer.caps.map(({ limit, of, per }) => `${limit} ${of} per ${per}`).join(', ')} />],
                  ['Leads to', <Text of={offer.target_url} />],
                  ['While inactive', <Text of={offer.fallback_url} />],
                ]}
              />
            )}
          </Section>
          {role === 'admin' && (
            <Section
              title="Record a click"
              about="Works as if a user had followed the tracking link. Use it for tests, or for clicks that happen elsewhere."
            >
              <Form
                label="Record a click"
                fields={clickFields}
                submit="Record click"
                onSubmit={async (body) => setClick((await api.post<{ click: Click }>('/clicks', { offer_id: id, ...body })).click)}
              />
              {click && (
                <Note tone="good">
                  <p>
                    The click of <Text of={click.user_id} /> is recorded. A postback with this id converts it:
                  </p>
                  <Copyable label="click id" text={click.click_id} />
                </Note>
              )}
            </Section>
          )}
          {role === 'admin' && (
            <DeleteSection
              what="offer"
              about="To stop new clicks only for a while, make it inactive instead."
              onDelete={async () => {
                await api.remove(path`/offers/${id}`);
                say('Offer deleted.');
                navigate(to(['offers']));
              }}
            >
              <Text of={offer.name} /> leaves the lists, and its tracking link is answered 404. Who clicked before is still paid under its
              terms, and can be charged back. This cannot be undone.
            </DeleteSection>
          )}
        </>
      )}
    </Page>
  );
}
