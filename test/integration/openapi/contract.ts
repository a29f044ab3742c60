/**
 * Every endpoint that the contract promises, section by section. It is written by hand, so that none can get lost. The names of parameters
 * are ours.
 */
const admin = {
  '/partners': 'POST GET',
  '/partners/{}': 'GET PATCH DELETE',
  '/networks': 'GET POST',
  '/networks/{}': 'GET PUT DELETE',
  '/networks/check': 'POST',
  '/postback-receiver/generate-key': 'POST',
  '/partners/{}/keys': 'GET',
  '/partners/{}/keys/{}': 'DELETE',
  '/postback-receiver/generate-quick': 'POST',
  '/postback-receiver/test': 'POST',
  '/offers': 'POST GET',
  '/offers/{}': 'GET PATCH DELETE',
  '/publishers': 'POST GET',
  '/publishers/{}': 'GET PATCH',
  '/publishers/{}/health': 'GET',
  '/publishers/{}/pause': 'POST',
  '/publishers/{}/resume': 'POST',
  '/publishers/{}/rotate-secret': 'POST',
  '/publishers/{}/test-delivery': 'POST',
  '/placements': 'POST GET',
  '/placements/{}': 'GET PATCH',
  '/rules': 'POST GET',
  '/rules/{}': 'GET PATCH DELETE',
  '/alerts': 'POST GET',
  '/alerts/{}': 'GET PATCH DELETE',
  '/clicks': 'POST',
  '/clicks/{}': 'GET',
  '/received-postbacks': 'GET',
  '/received-postbacks/{}': 'GET',
  '/received-postbacks/{}/reprocess': 'POST',
  '/received-postbacks/reprocess': 'POST',
  '/conversions': 'GET',
  '/conversions/{}': 'GET',
  '/conversions/{}/status': 'POST',
  '/conversions/status': 'POST',
  '/conversions/import': 'POST',
  '/reconciliations': 'POST',
  '/forwarded-postbacks': 'GET',
  '/forwarded-postbacks/{}': 'GET',
  '/forwarded-postbacks/{}/resend': 'POST',
  '/forwarded-postbacks/resend': 'POST',
  '/publishers/{}/users/{}/points': 'GET',
  '/statements/{}': 'GET',
  '/postback-pipeline/stats': 'GET',
  '/queues': 'GET',
  '/queues/{}/redrive': 'POST',
  '/audit': 'GET',
  '/me': 'GET',
  '/tokens': 'POST GET',
  '/tokens/{}': 'DELETE',
};

const inbound = {
  '/postback/{}': 'GET POST HEAD',
  '/postback/{}/{}': 'GET POST HEAD',
  '/api/analytics/postback': 'GET POST HEAD',
  '/api/analytics/postback/test': 'GET',
  '/track/{}': 'GET',
  '/health': 'GET',
  '/openapi.json': 'GET',
};

export const contract: readonly string[] = [
  ...Object.entries(admin).flatMap(([path, methods]) => methods.split(' ').map((method) => `${method} /api/admin${path}`)),
  ...Object.entries(inbound).flatMap(([path, methods]) => methods.split(' ').map((method) => `${method} ${path}`)),
].sort();

/** Lists of the contract's section 4, which are available as CSV and in pages. */
export const lists = [
  '/partners',
  '/networks',
  '/partners/{}/keys',
  '/offers',
  '/publishers',
  '/placements',
  '/rules',
  '/alerts',
  '/received-postbacks',
  '/conversions',
  '/forwarded-postbacks',
  '/publishers/{}/users/{}/points',
  '/queues',
  '/audit',
  '/tokens',
].map((path) => `GET /api/admin${path}`);

/** Replaces parameters such as `{partner_id}` by `{}`. */
export function withoutNames(operation: string): string {
  return operation.replaceAll(/\{\w+\}/g, '{}');
}
