import { useState } from 'preact/hooks';
import { path } from '../../core/api.ts';
import { partnerChange } from '../../core/partner-change.ts';
import { navigate, to } from '../../core/routing.ts';
import { useSession } from '../../core/session.tsx';
import type { Partner } from '../../core/types.ts';
import { useLoad } from '../../core/use-load.ts';
import { Badge, ErrorNote, Facts, Id, Loading, Page, Section, Text, Time } from '../../parts/basics.tsx';
import { DeleteSection } from '../../parts/delete-section.tsx';
import { useToast } from '../../parts/toasts.tsx';
import { Keys } from './keys.tsx';
import { partnerFields, partnerTexts } from './partner-fields.ts';
import { SettingsForm } from './settings-form.tsx';
import { UrlBuilder } from './url-builder.tsx';

export function PartnerDetailPage({ id }: { readonly id: string }) {
  const { api, role } = useSession();
  const say = useToast();
  const { value, error, reload } = useLoad<{ partner: Partner }>(path`/partners/${id}`);
  const [key, setKey] = useState('');
  const partner = value?.partner;
  return (
    <Page
      title={partner?.partner_name ?? 'Partner'}
      up={{ href: to(['partners']), name: 'Partners' }}
      about={<Id of={id} />}
      actions={
        <>
          <a class="button" href={to(['received'], { partner_id: id })}>
            Its postbacks
          </a>
          <a class="button" href={to(['conversions'], { partner_id: id })}>
            Its conversions
          </a>
        </>
      }
    >
      {error && <ErrorNote error={error} onRetry={reload} />}
      {!partner && !error && <Loading what="the partner" />}
      {partner && (
        <>
          <Keys partner={partner} onIssued={setKey} />
          <UrlBuilder key={partner.updated_at} partner={partner} issuedKey={key} />
          <Section title="Settings">
            {role === 'admin' ? (
              <SettingsForm
                at={path`/partners/${id}`}
                changed={partner.updated_at}
                fields={partnerFields}
                initial={partnerTexts(partner)}
                bodyOf={(body) => partnerChange(body, partner)}
                saved="Saved. Takes effect within a minute."
                onSaved={reload}
              />
            ) : (
              <Facts
                of={[
                  ['Status', <Badge status={partner.status} />],
                  ['Network', <Text of={partner.preset} />],
                  ['Currency', partner.currency],
                  ['Mode', partner.mode.replaceAll('_', ' ')],
                  ['Created', <Time at={partner.created_at} />],
                ]}
              />
            )}
            <p class="help">
              {partner.signing.configured
                ? `${partner.signing.secrets} signing secret(s) are valid.`
                : 'Requests need no signature, because no signing secret is set.'}{' '}
              Id <Id of={partner.partner_id} />, changed <Time at={partner.updated_at} />.
            </p>
          </Section>
          {role === 'admin' && (
            <DeleteSection
              what="partner"
              about="Also deletes its offers. To reject its postbacks only for a while, make it inactive instead."
              onDelete={async () => {
                await api.remove(path`/partners/${id}`);
                say('Partner deleted. Its keys are revoked.');
                navigate(to(['partners']));
              }}
            >
              <Text of={partner.partner_name} /> is removed with its offers, and all of its keys are revoked: its postbacks are answered 404
              and pay nothing from then on. What it sent, earned and owes stays. This cannot be undone.
            </DeleteSection>
          )}
        </>
      )}
    </Page>
  );
}
