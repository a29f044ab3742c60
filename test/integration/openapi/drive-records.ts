import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { FaultProxy } from '../../support/faults/fault-proxy.ts';
import type { Campaign } from '../../support/local-stack.ts';
import { queuesOf } from '../../support/tables.ts';
import type { Caller } from './caller.ts';
import { driveList } from './drive-settings.ts';

const times = { from: '2020-01-01T00:00:00Z', to: '2120-12-31' };

export async function driveClicks(api: Caller, { offerId, placementId, publisherId }: Campaign): Promise<void> {
  const click = { offer_id: offerId, placement_id: placementId, user_id: 'driven', username: 'Driven', sub_id1: 'one', sub_id5: 'five' };
  await api.admin('POST /clicks', 201, { body: { ...click, ip: '203.0.113.1', country: 'DE', device_id: 'd' } });
  await api.admin('POST /clicks', 404, { body: { ...click, offer_id: 'none' } });
  const { click: plain } = await api.admin('POST /clicks', 201, {
    body: { offer_id: offerId, publisher_id: publisherId, user_id: 'plain' },
  });
  await api.admin('GET /clicks/{click_id}', 200, { path: { click_id: plain.click_id } });
}

export async function driveReceived(api: Caller, campaign: Campaign): Promise<void> {
  const { stack } = api;
  const accepted = await stack.postback(campaign.key, { click_id: await campaign.newClick('received'), payout: '5.00', own: 'thing' });
  const body = new URLSearchParams({ click_id: 'CLK-NOBODY', currency: 'EUR' });
  const refused = await stack.postback(campaign.key, {}, { method: 'POST', event: 'complete', body });
  const path = { log_id: accepted.body.log_id };
  await api.admin('GET /received-postbacks/{log_id}', 200, { path });
  await api.admin('POST /received-postbacks/{log_id}/reprocess', 409, { path });
  const again = { log_id: refused.body.log_id };
  await api.admin('POST /received-postbacks/{log_id}/reprocess', 200, { path: again });
  await api.admin('GET /received-postbacks/{log_id}', 200, { path: again });
  await driveList(api, 'GET /received-postbacks');
  const many = { ...times, partner_id: campaign.partnerId, result: 'error' };
  await api.admin('POST /received-postbacks/reprocess', 200, { body: { ...many, dry_run: true } });
  const { matched } = await api.admin('POST /received-postbacks/reprocess', 200, { body: many });
  if (matched === 0) throw new Error('no received postback was processed again');
  const { partnerId: partner_id, key: unique_key } = campaign;
  const filters = { ...times, partner_id, unique_key, click_id: 'CLK-NOBODY', result: 'error', code: 'click_not_found' };
  const { logs } = await api.admin('GET /received-postbacks', 200, { query: filters });
  if (logs.length === 0) throw new Error('no received postback passed the filters');
}

export async function driveConversions(api: Caller, campaign: Campaign): Promise<void> {
  const { stack } = api;
  const { partnerId: partner_id, publisherId: publisher_id, offerId: offer_id } = campaign;
  const clickId = await campaign.newClick('converted');
  await stack.postback(campaign.key, { click_id: clickId, payout: '5.00', transaction_id: 'T-1', conversion_id: 'P-1' });
  const conflicting = { click_id: clickId, payout: '6.00', transaction_id: 'T-2' };
  await stack.postback(campaign.key, conflicting);
  const path = { conversion_id: `${clickId}.complete` };
  await stack.eventually(async () => {
    const { conversion } = await stack.adminOk('GET', `/conversions/${path.conversion_id}`);
    if (conversion.deliveries[0]?.status !== 'delivered') throw new Error('not delivered yet');
  });
  await api.admin('GET /conversions/{conversion_id}', 200, { path });
  const decision = { status: 'reversed', reason: 'driven', payout: '1.50' };
  await api.admin('POST /conversions/{conversion_id}/status', 200, { path, body: decision });
  await api.admin('POST /conversions/{conversion_id}/status', 409, { path, body: { status: 'pending', reason: 'driven' } });
  const { conversions } = await api.admin('GET /conversions', 200, { query: { ...times, partner_id, status: 'held' } });
  const held = { conversion_id: conversions[0].conversion_id };
  await api.admin('GET /conversions/{conversion_id}', 200, { path: held });
  await api.admin('POST /conversions/{conversion_id}/status', 200, { path: held, body: { status: 'rejected', reason: 'driven' } });
  const many = { status: 'reversed', reason: 'driven', payout: '0.50' };
  await api.admin('POST /conversions/status', 200, { body: { ...many, ids: [path.conversion_id, 'none'] } });
  const filter = { ...times, partner_id, status: 'approved' };
  await api.admin('POST /conversions/status', 200, { body: { ...many, filter, dry_run: true } });
  await driveList(api, 'GET /conversions');
  await api.admin('GET /conversions', 200, { query: { publisher_id, offer_id, status: 'reversed' } });
  const account = { publisher_id, user_id: 'converted' };
  await api.admin('GET /publishers/{publisher_id}/health', 200, { path: { publisher_id } });
  await driveList(api, 'GET /publishers/{publisher_id}/users/{user_id}/points', account);
  await api.admin('GET /publishers/{publisher_id}/users/{user_id}/points', 200, { path: { publisher_id, user_id: 'a/b and c' } });
  const month = { month: new Date().toISOString().slice(0, 7), timezone: 'Asia/Kathmandu' };
  await api.admin('GET /statements/{publisher_id}', 200, { path: { publisher_id }, query: month });
  await api.admin('GET /statements/{publisher_id}', 200, { path: { publisher_id }, query: { format: 'csv' } });
  await api.admin('GET /statements/{publisher_id}', 404, { path: { publisher_id: 'nobody' } });
}

/** The publisher answers slowly, so that a delivery stays on its way for a while. */
export async function driveDeliveries(api: Caller, campaign: Campaign): Promise<void> {
  const { stack } = api;
  const { publisherId: publisher_id } = campaign;
  await stack.postback(campaign.key, { click_id: await campaign.newClick('told'), payout: '5.00' });
  const { delivery_id } = await stack.eventually(async () => {
    const { logs } = await stack.adminOk('GET', `/forwarded-postbacks?publisher_id=${publisher_id}&status=delivered`);
    if (logs.length === 0) throw new Error('not delivered yet');
    return logs[0];
  });
  const path = { delivery_id };
  await api.admin('GET /forwarded-postbacks/{delivery_id}', 200, { path });
  await driveList(api, 'GET /forwarded-postbacks');
  await api.admin('GET /forwarded-postbacks', 200, { query: { ...times, publisher_id, status: 'delivered' } });
  stack.publisher.answerWith((_, response) => {
    setTimeout(() => response.end('late'), 2_000);
  });
  await api.admin('POST /forwarded-postbacks/{delivery_id}/resend', 200, { path });
  await api.admin('POST /forwarded-postbacks/{delivery_id}/resend', 409, { path });
  stack.publisher.answerStatus(200);
  const filter = { publisher_id, status: 'delivered', ...times };
  await api.admin('POST /forwarded-postbacks/resend', 200, { body: { ...filter, dry_run: true, limit: 1 } });
  await api.admin('POST /forwarded-postbacks/resend', 200, { body: { publisher_id } });
  const { token } = await api.admin('POST /tokens', 201, { body: { name: 'Resends', role: 'publisher', publisher_id } });
  await api.admin('POST /forwarded-postbacks/resend', 404, { token: token.token, body: { publisher_id: 'somebody-else' } });
}

export async function driveTrying(api: Caller, { key, partnerId, newClick }: Campaign): Promise<void> {
  const params = { click_id: await newClick('tried'), payout: '5.00' };
  await api.admin('POST /postback-receiver/test', 200, { body: { unique_key: key, params } });
  await api.admin('POST /postback-receiver/test', 200, {
    body: { partner_id: partnerId, params: { nested: { a: [1, null] } }, event: 'lead' },
  });
  await api.admin('POST /postback-receiver/test', 404, { body: { partner_id: 'nobody', params } });
  const csv = `click_id,status,payout\n${await newClick('imported')},approved,5.00\nCLK-NOBODY,approved,1\n`;
  const query = { partner_id: partnerId, dry_run: 'true' };
  await api.admin('POST /conversions/import', 200, { query, raw: { type: 'text/csv', body: csv } });
  const rows = [{ click_id: await newClick('imported'), payout: 5.5 }, { click_id: 'CLK-NOBODY' }];
  await api.admin('POST /conversions/import', 200, { body: { partner_id: partnerId, rows } });
  await api.admin('POST /conversions/import', 404, { body: { partner_id: 'nobody', rows } });
  const compared = { partner_id: partnerId, from: '2020-01-01', to: '2100-01-01', rows: [...rows, { transaction_id: 'T', payout: 'x' }] };
  await api.admin('POST /reconciliations', 200, { body: { ...compared, import: true } });
  await api.admin('POST /reconciliations', 200, { query: { format: 'csv' }, body: { ...compared, rows: undefined, csv } });
  await api.admin('POST /reconciliations', 404, { body: { ...compared, partner_id: 'nobody' } });
}

export async function driveOperations(api: Caller, queues: FaultProxy): Promise<void> {
  await api.admin('GET /postback-pipeline/stats', 200);
  await api.admin('GET /postback-pipeline/stats', 200, { query: { days: '2' } });
  const all = { from: '2026-01-30', to: '2026-01-31', by: 'hour', compare: 'previous', timezone: 'Australia/Lord_Howe' };
  await api.admin('GET /postback-pipeline/stats', 200, { query: all });
  await api.admin('GET /postback-pipeline/stats', 200, { query: { by: 'offer', format: 'csv' } });
  await driveList(api, 'GET /queues');
  const client = queuesOf(api.stack);
  const dead = [...api.stack.system.queues.values()].find(({ name }) => /conversions.*dead/i.test(name));
  await client.send(new SendMessageCommand({ QueueUrl: dead?.url ?? '', MessageBody: '{}' }));
  client.destroy();
  const path = { name: 'conversions' };
  await api.admin('POST /queues/{name}/redrive', 202, { path });
  // What SQS answers while another move of the same queue runs.
  const more = { message: 'There is already a task running. Only one active task is allowed for a source queue arn at a given time.' };
  queues.decide(({ operation }) =>
    operation === 'StartMessageMoveTask' ? { refuse: { status: 400, type: 'InvalidParameterValue', more } } : undefined,
  );
  await api.admin('POST /queues/{name}/redrive', 409, { path });
  queues.heal();
}
