import { AdminError } from '../route.ts';

export function partnerNotFound(): AdminError {
  return new AdminError(404, 'partner_not_found', 'No partner has this partner_id');
}
