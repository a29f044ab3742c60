import type { AnyBody } from '../../support/local-stack.ts';

interface Alteration {
  readonly what: string;
  readonly alter: (document: AnyBody) => void;
  readonly notices: RegExp;
}

const partner = ({ components }: AnyBody) => components.schemas.Partner;

/** False statements, each of another kind. */
export const alterations: readonly Alteration[] = [
  {
    what: 'leaves out a property that is answered',
    alter: (document) => {
      delete partner(document).properties.currency;
      partner(document).required = partner(document).required.filter((name: string) => name !== 'currency');
    },
    notices: /^GET \/api\/admin\/partners\/\{partner_id\} 200 .*must NOT have additional properties.*"currency"/,
  },
  {
    what: 'promises a property that is not answered',
    alter: (document) => {
      partner(document).properties.colour = { type: 'string' };
      partner(document).required.push('colour');
    },
    notices: /^GET \/api\/admin\/partners 200 .*must have required property 'colour'/,
  },
  {
    what: 'gives a property another type',
    alter: ({ components }) => {
      components.schemas.LedgerEntry.properties.points = { type: 'number' };
    },
    notices: /^GET \/api\/admin\/publishers\/\{publisher_id\}\/users\/\{user_id\}\/points 200 .*must be number/,
  },
  {
    what: 'forgets that a property may be null',
    alter: ({ components }) => {
      components.schemas.Offer.properties.campaign_id = { type: 'string' };
    },
    notices: /\/api\/admin\/offers.* must be string/,
  },
  {
    what: 'knows one value less',
    alter: ({ components }) => {
      components.schemas.PostbackSuccess.properties.result.enum = ['accepted'];
    },
    notices: /^GET \/postback\/\{key\} 200 .*must be equal to one of the allowed values/,
  },
  {
    what: 'leaves out an operation',
    alter: ({ paths }) => {
      delete paths['/api/admin/audit'];
    },
    notices: /^GET \/api\/admin\/audit is not described/,
  },
  {
    what: 'describes an operation that does not exist',
    alter: ({ paths }) => {
      paths['/api/admin/ghosts'] = paths['/api/admin/audit'];
    },
    notices: /^GET \/api\/admin\/ghosts was never answered with 200/,
  },
  {
    what: 'leaves out a status',
    alter: ({ paths }) => {
      delete paths['/api/admin/offers/{offer_id}'].delete.responses['404'];
    },
    notices: /^DELETE \/api\/admin\/offers\/\{offer_id\} 404 is not described/,
  },
  {
    what: 'promises a status that never comes',
    alter: ({ paths }) => {
      const { responses } = paths['/api/admin/tokens'].get;
      responses['409'] = responses['400'];
    },
    notices: /^GET \/api\/admin\/tokens was never answered with 409/,
  },
  {
    what: 'forgets that a list can be had as CSV',
    alter: ({ paths }) => {
      delete paths['/api/admin/conversions'].get.responses['200'].content['text/csv'];
    },
    notices: /^GET \/api\/admin\/conversions 200 came as text\/csv/,
  },
  {
    what: 'promises a body where there is none',
    alter: ({ paths }) => {
      const { delete: operation, get } = paths['/api/admin/partners/{partner_id}'];
      operation.responses['204'].content = get.responses['200'].content;
    },
    notices: /^DELETE \/api\/admin\/partners\/\{partner_id\} 204 came as/,
  },
  {
    what: 'refuses a field that is taken',
    alter: ({ components }) => {
      delete components.schemas.NewOffer.properties.campaign_id;
    },
    notices: /^POST \/api\/admin\/offers request .*must NOT have additional properties.*"campaign_id"/,
  },
  {
    what: 'leaves out a filter',
    alter: ({ paths }) => {
      const { get } = paths['/api/admin/received-postbacks'];
      get.parameters = get.parameters.filter(({ name }: { name: string }) => name !== 'click_id');
    },
    notices: /^GET \/api\/admin\/received-postbacks took the parameter click_id/,
  },
];
