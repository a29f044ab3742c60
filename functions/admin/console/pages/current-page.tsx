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

/** Which page an address means, to whoever is signed in. */
export function CurrentPage({ location }: { readonly location: Location }) {
  const { role, boundTo } = useSession();
  switch (role) {
    case 'publisher':
      return <PagesOfPublisher location={location} id={boundTo} />;
    case 'partner':
      return <PagesOfPartner location={location} id={boundTo} />;
    case 'admin':
    case 'viewer':
      return <AllPages location={location} />;
    default:
      return role satisfies never;
  }
}

interface OwnPages {
  readonly location: Location;
  /** Of the publisher or partner who is signed in. */
  readonly id: string;
}

function PagesOfPublisher({ location: { parts, query }, id }: OwnPages) {
  const [name = 'overview', second, third] = parts;
  switch (name) {
    case 'overview':
      return <PublisherHomePage id={id} />;
    case 'deliveries':
      return second === undefined ? <DeliveriesPage query={query} /> : <DeliveryDetailPage id={second} />;
    case 'placements':
      return <PlacementsPage query={query} />;
    case 'statements':
      return <StatementPage id={id} query={query} />;
    case 'users':
      return third === undefined ? <NothingHere /> : <UserPointsPage publisher={id} user={third} />;
  }
  return <NothingHere />;
}

function PagesOfPartner({ location: { parts, query }, id }: OwnPages) {
  const [name = 'overview', second] = parts;
  switch (name) {
    case 'overview':
      return <PartnerHomePage id={id} />;
    case 'received':
      return second === undefined ? <ReceivedPage query={query} /> : <PartnerReceivedPage id={second} />;
  }
  return <NothingHere />;
}

function AllPages({ location: { parts, query } }: { readonly location: Location }) {
  const [name = 'overview', id, second] = parts;
  switch (name) {
    case 'overview':
      return <OverviewPage query={query} />;
    case 'work':
      return <WorkPage />;
    case 'performance':
      return <PerformancePage query={query} />;
    case 'statements':
      return id === undefined ? <StatementsPage query={query} /> : <StatementPage id={id} query={query} />;
    case 'find':
      return <FindPage text={query['q'] ?? ''} />;
    case 'clicks':
      if (id !== undefined) return <ClickPage id={id} />;
      break;
    case 'received':
      return id === undefined ? <ReceivedPage query={query} /> : <ReceivedDetailPage id={id} />;
    case 'conversions':
      return id === undefined ? <ConversionsPage query={query} /> : <ConversionDetailPage id={id} query={query} />;
    case 'deliveries':
      return id === undefined ? <DeliveriesPage query={query} /> : <DeliveryDetailPage id={id} />;
    case 'partners':
      return id === undefined ? <PartnersPage query={query} /> : <PartnerDetailPage id={id} />;
    case 'offers':
      return id === undefined ? <OffersPage query={query} /> : <OfferDetailPage id={id} />;
    case 'publishers':
      return id === undefined ? <PublishersPage /> : <PublisherDetailPage id={id} />;
    case 'placements':
      return <PlacementsPage query={query} />;
    case 'rules':
      return <RulesPage />;
    case 'alerts':
      return <AlertsPage />;
    case 'networks':
      if (id === undefined) return <NetworksPage />;
      return id === '+' ? <NewNetworkPage from={query['from']} /> : <NetworkDetailPage id={id} />;
    case 'users':
      if (id !== undefined && second !== undefined) return <UserPointsPage publisher={id} user={second} />;
      break;
    case 'reconcile':
      return <ReconcilePage query={query} />;
    case 'import':
      return <ImportPage query={query} />;
    case 'audit':
      return <AuditPage query={query} />;
    case 'queues':
      return <QueuesPage />;
    case 'tokens':
      return <TokensPage />;
  }
  return <NothingHere />;
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
