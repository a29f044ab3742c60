import type { Route } from '../route.ts';
import { conversionRoutes } from './conversion-routes.ts';
import { deliveryRoutes } from './delivery-routes.ts';
import type { RecordDependencies } from './dependencies.ts';
import { healthRoutes } from './health-routes.ts';
import { importRoutes } from './import-routes.ts';
import { logRoutes } from './log-routes.ts';
import { pointsRoutes } from './points-routes.ts';
import { queueRoutes } from './queue-routes.ts';
import { reconciliationRoutes } from './reconciliation-routes.ts';
import { statisticsRoutes } from './statistics-routes.ts';
import { testRoutes } from './test-routes.ts';

/** The routes for what has happened: postbacks, conversions, deliveries and points (contract section 4). */
export function recordRoutes(dependencies: RecordDependencies): Route[] {
  return [
    ...logRoutes(dependencies),
    ...conversionRoutes(dependencies),
    ...deliveryRoutes(dependencies),
    ...healthRoutes(dependencies),
    ...pointsRoutes(dependencies),
    ...statisticsRoutes(dependencies),
    ...queueRoutes(dependencies),
    ...testRoutes(dependencies),
    ...importRoutes(dependencies),
    ...reconciliationRoutes(dependencies),
  ];
}
