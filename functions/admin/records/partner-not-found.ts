import { AdminError } from '../route.ts';

export function partnerNotFound(): AdminError {
  return new AdminError(404, 'partner_not_found', 'There is no partner with this partner_id');
}
