import * as z from 'zod';
import type { Position } from '../../adapters/dynamo/listing.ts';
import { builtInNetworks } from '../../domain/networks/built-in.ts';
import type { Network } from '../../domain/networks/network.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { networkDefinition, networkId, networkReplacement, networkView, problemsOf } from '../schemas/network.ts';
import { builtInViewOf, networkNotFound, networkReader, networkViewOf } from './network.ts';
import { checkRequest } from './network-check.ts';

const checkBody = z
  .strictObject({
    network: networkId.optional().meta({ description: 'The id of a network' }),
    definition: networkDefinition.optional().meta({ description: 'A document instead of an id; it is not stored' }),
    secret: z.string().min(1).max(1_000).optional(),
    request: z.strictObject({
      method: z.enum(['GET', 'POST']).default('GET'),
      url: z.string().max(16_000).meta({ example: 'https://postback.example.com/postback/KEY?userID=CLK-1&revenue=1.25&hash=…' }),
      headers: z.record(z.string().max(200), z.string().max(4_000)).default({}),
      body: z.string().max(65_536).default(''),
    }),
  })
  .refine(({ network, definition }) => (network === undefined) !== (definition === undefined), {
    path: ['network'],
    message: 'give either this or definition',
  });

const textOrNull = z.string().nullable();
const checkAnswer = z.object({
  verified: z.boolean().nullable().meta({ description: 'Null: nothing is signed, or no secret was given' }),
  signed_text: textOrNull,
  expected: textOrNull.meta({ description: 'The signature of that text' }),
  received: textOrNull,
  understood: z
    .record(z.string(), z.union([z.string(), z.boolean(), z.null()]))
    .nullable()
    .meta({ description: 'The request in our terms; null: it would be refused' }),
  unsigned: z
    .array(z.string())
    .meta({ description: 'Values that decide something although the signature does not cover them: such a postback is held' }),
  answer: textOrNull.meta({ description: 'Body of the answer; null: JSON' }),
  warnings: z.array(z.string()),
});

const one = z.object({ network: networkView });
/** Sorts after every network that an admin has added. */
const builtInKey = 'built-in';

/** Networks: how partners' systems send postbacks (contract 1.8). */
export function networkRoutes(dependencies: SettingsDependencies): Route[] {
  const { networks, partners } = dependencies;
  return [
    route({
      method: 'GET',
      path: '/networks',
      role: 'viewer',
      summary: 'List networks',
      query: z.strictObject(pageQuery),
      answers: { 200: listOf('networks', networkView) },
      list: 'networks',
      async handle({ query: { limit, cursor } }) {
        const inOwn = cursor?.key !== builtInKey;
        const own = inOwn ? await networks.list({}, { limit, after: cursor }) : { settings: [], next: undefined };
        if (own.next !== undefined) return listAnswer('networks', own.settings.map(networkViewOf), own.next);
        const from = inOwn ? 0 : (cursor?.seen ?? 0);
        const to = from + limit - own.settings.length;
        const builtIn = [...builtInNetworks.values()].slice(from, to);
        const next: Position | undefined = to < builtInNetworks.size ? { key: builtInKey, seen: to } : undefined;
        return listAnswer('networks', [...own.settings.map(networkViewOf), ...builtIn.map(builtInViewOf)], next);
      },
    }),
    route({
      method: 'POST',
      path: '/networks',
      role: 'admin',
      summary: 'Create a network',
      description: 'A copy of a built-in network is a good start: send what GET answers, with an id of your own.',
      body: networkDefinition,
      answers: { 201: one },
      refusals: { 409: 'A network with this id already exists' },
      async handle({ body, caller }) {
        checkRanges(dependencies, body);
        const id = body.network_id;
        if (builtInNetworks.has(id)) throw new AdminError(409, 'already_exists', `network_id: ${id} is built in; give the copy another id`);
        const value = { network_id: id, title: body.title, network: body };
        const at = dependencies.now().toISOString();
        const after = networkViewOf({ value, created_at: at, updated_at: at });
        const audit = auditEntry(dependencies, caller, 'network.created', { kind: 'network', id, after });
        const created = await networks.create(id, { value, audit });
        if (created === undefined) throw new AdminError(409, 'already_exists', `network_id: a network ${id} already exists`);
        return { status: 201, body: { network: networkViewOf(created) } };
      },
    }),
    route({
      method: 'POST',
      path: '/networks/check',
      role: 'viewer',
      summary: 'Check how a network reads a request',
      description: "Paste an example that the network's support has sent you. Nothing is stored.",
      body: checkBody,
      answers: { 200: checkAnswer },
      refusals: { 404: 'There is no such network' },
      async handle({ body: { network: id, definition, secret, request } }) {
        const network = definition ?? (await findNetwork(dependencies, id ?? ''));
        if (network === undefined) throw networkNotFound();
        return { status: 200, body: checkRequest(dependencies, network, secret, request) };
      },
    }),
    route({
      method: 'GET',
      path: '/networks/{network_id}',
      role: 'viewer',
      summary: 'Get a network',
      answers: { 200: one },
      async handle({ params }) {
        const id = params['network_id'] ?? '';
        const builtIn = builtInNetworks.get(id);
        if (builtIn !== undefined) return { status: 200, body: { network: builtInViewOf(builtIn) } };
        const found = await networks.get(id);
        if (found === undefined) throw networkNotFound();
        return { status: 200, body: { network: networkViewOf(found) } };
      },
    }),
    route({
      method: 'PUT',
      path: '/networks/{network_id}',
      role: 'admin',
      summary: 'Replace a network of your own',
      description: 'Takes effect for its partners within a minute.',
      body: networkReplacement,
      answers: { 200: one },
      refusals: { 404: 'There is no such network', 409: 'It is built in' },
      async handle({ params, body, caller }) {
        const id = params['network_id'] ?? '';
        refuseBuiltIn(id);
        if (body.network_id !== undefined && body.network_id !== id)
          throw new AdminError(400, 'invalid_body', 'network_id: must be the one in the path, since an id cannot be changed');
        const [problem] = problemsOf(body);
        if (problem !== undefined) throw new AdminError(400, 'invalid_body', `${problem.path.join('.')}: ${problem.message}`);
        checkRanges(dependencies, body);
        const changed = await networks.update(id, async (current) => {
          const value = { network_id: id, title: body.title, network: { ...body, network_id: id } };
          const views = {
            before: networkViewOf(current),
            after: networkViewOf({ ...current, value, updated_at: dependencies.now().toISOString() }),
          };
          return { value, audit: auditEntry(dependencies, caller, 'network.updated', { kind: 'network', id, ...views }) };
        });
        if (changed === undefined) throw networkNotFound();
        return { status: 200, body: { network: networkViewOf(changed) } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/networks/{network_id}',
      role: 'admin',
      summary: 'Delete a network of your own that no partner uses',
      answers: { 204: z.undefined() },
      refusals: { 404: 'There is no such network', 409: 'It is built in, or a partner uses it' },
      async handle({ params, caller }) {
        const id = params['network_id'] ?? '';
        refuseBuiltIn(id);
        const found = await networks.get(id);
        if (found === undefined) throw networkNotFound();
        const { settings } = await partners.list({ preset: id }, { limit: 1, after: undefined });
        const [user] = settings;
        if (user !== undefined) throw new AdminError(409, 'in_use', `The partner ${user.value.partner_id} uses this network`);
        const audit = auditEntry(dependencies, caller, 'network.deleted', { kind: 'network', id, before: networkViewOf(found) });
        if (!(await networks.remove(id, audit))) throw networkNotFound();
        return { status: 204, body: undefined };
      },
    }),
  ];
}

async function findNetwork(dependencies: SettingsDependencies, id: string): Promise<Network | undefined> {
  return builtInNetworks.get(id) ?? networkReader(dependencies).network(id);
}

function refuseBuiltIn(id: string): void {
  if (builtInNetworks.has(id)) throw new AdminError(409, 'built_in', 'A built-in network can be copied but not changed');
}

function checkRanges({ isListed }: SettingsDependencies, { addresses }: Pick<Network, 'addresses'>): void {
  const bad = addresses?.find((range) => !isListed(range.split('/')[0]?.trim() ?? '', [range]));
  if (bad !== undefined) throw new AdminError(400, 'invalid_body', `addresses: ${bad} is neither an IP address nor a CIDR range`);
}
