import { auditRoutes } from './audit/routes.ts';
import type { SettingsDependencies } from './ports.ts';
import type { RecordDependencies } from './records/dependencies.ts';
import { recordRoutes } from './records/routes.ts';
import { statementRoutes } from './records/statement-routes.ts';
import type { Route } from './route.ts';
import { alertRoutes } from './settings/alert-routes.ts';
import { clickRoutes } from './settings/click-routes.ts';
import { endpointRoutes } from './settings/endpoint-routes.ts';
import { keyRoutes } from './settings/key-routes.ts';
import { networkRoutes } from './settings/network-routes.ts';
import { offerRoutes } from './settings/offer-routes.ts';
import { partnerRoutes } from './settings/partner-routes.ts';
import { placementRoutes } from './settings/placement-routes.ts';
import { publisherRoutes } from './settings/publisher-routes.ts';
import { quickRoutes } from './settings/quick-routes.ts';
import { ruleRoutes } from './settings/rule-routes.ts';
import { tokenRoutes } from './tokens/routes.ts';

/** Every endpoint of the admin API (contract section 4), in the order in which the documentation shows them. */
export function adminRoutes(settings: SettingsDependencies, records: RecordDependencies): Route[] {
  return [
    ...partnerRoutes(settings),
    ...networkRoutes(settings),
    ...keyRoutes(settings),
    ...quickRoutes(settings),
    ...offerRoutes(settings),
    ...publisherRoutes(settings),
    ...endpointRoutes(settings),
    ...placementRoutes(settings),
    ...ruleRoutes(settings),
    ...alertRoutes(settings),
    ...clickRoutes(settings),
    ...recordRoutes(records),
    ...statementRoutes(settings.publishers, records),
    ...tokenRoutes(settings),
    ...auditRoutes(settings),
  ];
}
