import * as z from 'zod';
import type { Setting } from '../../adapters/dynamo/settings-writer.ts';
import { certainty } from '../../domain/conditions.ts';
import type { Rule } from '../../domain/settings.ts';
import { auditEntry } from '../audit/entry.ts';
import { listAnswer, listOf, pageQuery } from '../list-query.ts';
import type { SettingsDependencies } from '../ports.ts';
import { AdminError, type Route, route } from '../route.ts';
import { active, chosen } from '../schemas/fields.ts';
import { warnings } from '../schemas/offer.ts';
import { newRule, type RuleChange, ruleChange, ruleView } from '../schemas/rule.ts';
import { unknownIdWarnings } from './unknown-ids.ts';

const one = z.object({ rule: ruleView });
const saved = one.extend({ warnings });
const usualPriority = 100;

/** Rules: which postbacks are held, rejected or only logged before any money moves (contract 2.1). */
export function ruleRoutes(dependencies: SettingsDependencies): Route[] {
  const { rules, newId, now } = dependencies;
  return [
    route({
      method: 'POST',
      path: '/rules',
      role: 'admin',
      summary: 'Create a rule',
      description: 'Rules decide about approvals and pendings. Takes effect within a minute.',
      body: newRule,
      answers: { 201: saved },
      refusals: { 409: 'A rule with this id already exists' },
      async handle({ body: { rule_id, ...body }, caller }) {
        const id = rule_id ?? `RULE-${newId()}`;
        const { name, when, then: action } = body;
        const value = changed({ rule_id: id, name, when, action, priority: usualPriority, scope: {}, status: 'active' }, body);
        const at = now().toISOString();
        const after = viewOf({ value, created_at: at, updated_at: at });
        const created = await rules.create(id, {
          value,
          audit: auditEntry(dependencies, caller, 'rule.created', { kind: 'rule', id, after }),
        });
        if (created === undefined) throw new AdminError(409, 'already_exists', `rule_id: a rule ${id} already exists`);
        return { status: 201, body: { rule: viewOf(created), warnings: await ruleWarnings(dependencies, created.value) } };
      },
    }),
    route({
      method: 'GET',
      path: '/rules',
      role: 'viewer',
      summary: 'List rules',
      description: 'Rules are evaluated by `priority`.',
      query: z.strictObject({ ...pageQuery, status: active.optional() }),
      answers: { 200: listOf('rules', ruleView) },
      list: 'rules',
      async handle({ query: { status, limit, cursor } }) {
        const { settings, next } = await rules.list({ status }, { limit, after: cursor });
        return listAnswer('rules', settings.map(viewOf), next);
      },
    }),
    route({
      method: 'GET',
      path: '/rules/{rule_id}',
      role: 'viewer',
      summary: 'Get a rule',
      answers: { 200: one },
      async handle({ params }) {
        const found = await rules.get(params['rule_id'] ?? '');
        if (found === undefined) throw ruleNotFound();
        return { status: 200, body: { rule: viewOf(found) } };
      },
    }),
    route({
      method: 'PATCH',
      path: '/rules/{rule_id}',
      role: 'admin',
      summary: 'Change a rule',
      description: 'What the rule has already decided does not change.',
      body: ruleChange,
      answers: { 200: saved },
      async handle({ params, body, caller }) {
        const id = params['rule_id'] ?? '';
        const updated = await rules.update(id, async (current) => {
          const value = changed(current.value, body);
          const views = { before: viewOf(current), after: viewOf({ ...current, value, updated_at: now().toISOString() }) };
          return { value, audit: auditEntry(dependencies, caller, 'rule.updated', { kind: 'rule', id, ...views }) };
        });
        if (updated === undefined) throw ruleNotFound();
        return { status: 200, body: { rule: viewOf(updated), warnings: await ruleWarnings(dependencies, updated.value) } };
      },
    }),
    route({
      method: 'DELETE',
      path: '/rules/{rule_id}',
      role: 'admin',
      summary: 'Delete a rule',
      description: 'Postbacks that it holds stay held and can be reprocessed.',
      answers: { 204: z.undefined() },
      async handle({ params, caller }) {
        const id = params['rule_id'] ?? '';
        const found = await rules.get(id);
        if (found === undefined) throw ruleNotFound();
        const audit = auditEntry(dependencies, caller, 'rule.deleted', { kind: 'rule', id, before: viewOf(found) });
        if (!(await rules.remove(id, audit))) throw ruleNotFound();
        return { status: 204, body: undefined };
      },
    }),
  ];
}

function ruleNotFound(): AdminError {
  return new AdminError(404, 'rule_not_found', 'There is no rule with this rule_id');
}

/** The rule after a change. @throws AdminError 400 when it would end before it begins. */
function changed(current: Rule, sent: RuleChange): Rule {
  const { scope, then: action = current.action } = sent;
  const from = chosen(sent.from, current.from, undefined);
  const to = chosen(sent.to, current.to, undefined);
  if (from !== undefined && to !== undefined && from >= to) throw new AdminError(400, 'invalid_body', 'to: must be later than from');
  return {
    ...current,
    name: sent.name ?? current.name,
    priority: chosen(sent.priority, current.priority, usualPriority),
    scope: scope === undefined ? current.scope : scopeOf(scope ?? {}),
    when: sent.when ?? current.when,
    action,
    from,
    to,
    status: chosen(sent.status, current.status, 'active'),
  };
}

async function ruleWarnings(dependencies: SettingsDependencies, { when, scope }: Rule): Promise<string[]> {
  const { partner_id, offer_id, publisher_id } = scope;
  const unknown = await unknownIdWarnings(
    dependencies,
    [
      { field: 'scope.partner_id', kind: 'partner', id: partner_id },
      { field: 'scope.offer_id', kind: 'offer', id: offer_id },
      { field: 'scope.publisher_id', kind: 'publisher', id: publisher_id },
    ],
    'so the rule does not decide anything yet',
  );
  return [...conditionWarnings(when), ...unknown];
}

/** Warns of a condition without any comparison: it is more often a mistake than meant, and may hold every postback. */
function conditionWarnings(when: Rule['when']): string[] {
  switch (certainty(when)) {
    case 'always':
      return ['when: holds for every postback in the scope, since `all` of no conditions holds'];
    case 'never':
      return ['when: holds for no postback, since `any` of no conditions does not hold: the rule never decides'];
    case undefined:
      return [];
  }
}

function scopeOf({ partner_id, offer_id, publisher_id }: NonNullable<RuleChange['scope']>): Rule['scope'] {
  return { partner_id: partner_id ?? undefined, offer_id: offer_id ?? undefined, publisher_id: publisher_id ?? undefined };
}

function viewOf({ value, created_at, updated_at }: Setting<Rule>): z.output<typeof ruleView> {
  const { rule_id, name, priority, scope, when, action, from, to, status } = value;
  return {
    rule_id,
    name,
    priority,
    scope: { partner_id: scope.partner_id ?? null, offer_id: scope.offer_id ?? null, publisher_id: scope.publisher_id ?? null },
    when,
    // biome-ignore lint/suspicious/noThenProperty: the contract calls it so, and it is no function
    then: action,
    from: from ?? null,
    to: to ?? null,
    status,
    created_at,
    updated_at,
  };
}
