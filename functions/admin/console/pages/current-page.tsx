import type { VNode } from 'preact';
import { routeOf, routes } from '../core/routes.ts';
import { type Location, to } from '../core/routing.ts';
import { useSession } from '../core/session.tsx';
import { Empty, Page } from '../parts/basics.tsx';
import { ClickPage } from './activity/click.tsx';
import { ConversionDetailPage } from './activity/conversion-detail.tsx';
import { ConversionsPage } from './activity/conversions.tsx';
import { DeliveriesPage } from './activity/deliveries.tsx';
import { DeliveryDetailPage } from './activity/delivery-detail.tsx';
import { FindPage } from './activity/find.tsx';
import { ReceivedPage } from './activity/received.tsx';
import { ReceivedDetailPage } from './activity/received-detail.tsx';
import { UserPointsPage } from './activity/user-points.tsx';
import { OverviewPage } from './home/overview.tsx';
import { PerformancePage } from './home/performance.tsx';
import { WorkPage } from './home/work.tsx';
import { AuditPage } from './operations/audit.tsx';
import { QueuesPage } from './operations/queues.tsx';
import { TokensPage } from './operations/tokens.tsx';
import { PartnerHomePage, PartnerReceivedPage } from './own/partner-home.tsx';
import { PublisherHomePage } from './own/publisher-home.tsx';
import { ImportPage } from './settle/import.tsx';
import { ReconcilePage } from './settle/reconcile.tsx';
import { StatementPage, StatementsPage } from './settle/statements.tsx';
import { AlertsPage } from './setup/alerts.tsx';
import { NetworkDetailPage, NewNetworkPage } from './setup/network-detail.tsx';
import { NetworksPage } from './setup/networks.tsx';
import { OfferDetailPage } from './setup/offer-detail.tsx';
import { OffersPage } from './setup/offers.tsx';
import { PartnerDetailPage } from './setup/partner-detail.tsx';
import { PartnersPage } from './setup/partners.tsx';
import { PlacementsPage } from './setup/placements.tsx';
import { PublisherDetailPage } from './setup/publisher-detail.tsx';
import { PublishersPage } from './setup/publishers.tsx';
import { RulesPage } from './setup/rules.tsx';

/** What a page is drawn from: the ids in its URL, its query, and the publisher or partner who is signed in. */
interface At {
  readonly ids: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly own: string;
}
type Pages<Route extends string> = Readonly<Record<Route, (at: At) => VNode>>;

const ofEveryone: Pages<(typeof routes.everyone)[number]> = {
  overview: ({ query }) => <OverviewPage query={query} />,
  work: () => <WorkPage />,
  performance: ({ query }) => <PerformancePage query={query} />,
  statements: ({ query }) => <StatementsPage query={query} />,
  'statements/*': ({ ids: [id = ''], query }) => <StatementPage id={id} query={query} />,
  find: ({ query }) => <FindPage text={query['q'] ?? ''} />,
  'clicks/*': ({ ids: [id = ''] }) => <ClickPage id={id} />,
  received: ({ query }) => <ReceivedPage query={query} />,
  'received/*': ({ ids: [id = ''] }) => <ReceivedDetailPage id={id} />,
  conversions: ({ query }) => <ConversionsPage query={query} />,
  'conversions/*': ({ ids: [id = ''], query }) => <ConversionDetailPage id={id} query={query} />,
  deliveries: ({ query }) => <DeliveriesPage query={query} />,
  'deliveries/*': ({ ids: [id = ''] }) => <DeliveryDetailPage id={id} />,
  partners: ({ query }) => <PartnersPage query={query} />,
  'partners/*': ({ ids: [id = ''] }) => <PartnerDetailPage id={id} />,
  offers: ({ query }) => <OffersPage query={query} />,
  'offers/*': ({ ids: [id = ''] }) => <OfferDetailPage id={id} />,
  publishers: () => <PublishersPage />,
  'publishers/*': ({ ids: [id = ''] }) => <PublisherDetailPage id={id} />,
  placements: ({ query }) => <PlacementsPage query={query} />,
  rules: () => <RulesPage />,
  alerts: () => <AlertsPage />,
  networks: () => <NetworksPage />,
  'networks/+': ({ query }) => <NewNetworkPage from={query['from']} />,
  'networks/*': ({ ids: [id = ''] }) => <NetworkDetailPage id={id} />,
  'users/*/*': ({ ids: [publisher = '', user = ''] }) => <UserPointsPage publisher={publisher} user={user} />,
  reconcile: ({ query }) => <ReconcilePage query={query} />,
  import: ({ query }) => <ImportPage query={query} />,
  audit: ({ query }) => <AuditPage query={query} />,
  queues: () => <QueuesPage />,
  tokens: () => <TokensPage />,
};

const ofPublisher: Pages<(typeof routes.publisher)[number]> = {
  overview: ({ own }) => <PublisherHomePage id={own} />,
  deliveries: ofEveryone.deliveries,
  'deliveries/*': ofEveryone['deliveries/*'],
  placements: ofEveryone.placements,
  statements: ({ own, query }) => <StatementPage id={own} query={query} />,
  'users/*/*': ofEveryone['users/*/*'],
};

const ofPartner: Pages<(typeof routes.partner)[number]> = {
  overview: ({ own }) => <PartnerHomePage id={own} />,
  received: ofEveryone.received,
  'received/*': ({ ids: [id = ''] }) => <PartnerReceivedPage id={id} />,
};

/** The page that a URL means for whoever is signed in. */
export function CurrentPage({ location }: { readonly location: Location }) {
  const { role, boundTo } = useSession();
  switch (role) {
    case 'publisher':
      return pageOf(routes.publisher, ofPublisher, location, boundTo);
    case 'partner':
      return pageOf(routes.partner, ofPartner, location, boundTo);
    case 'admin':
    case 'viewer':
      return pageOf(routes.everyone, ofEveryone, location, '');
    default:
      return role satisfies never;
  }
}

function pageOf<Route extends string>(known: readonly Route[], pages: Pages<Route>, { parts, query }: Location, own: string): VNode {
  const route = routeOf(known, parts);
  if (route === undefined) return <NothingHere />;
  const names = route.split('/');
  return pages[route]({ ids: parts.filter((_, index) => names[index] === '*'), query, own });
}

function NothingHere() {
  return (
    <Page title="Nothing here">
      <Empty title="This page does not exist.">
        Go to the <a href={to(['overview'])}>overview</a>, or choose a page from the menu.
      </Empty>
    </Page>
  );
}
