import type { Story, Telling } from './oracle.ts';

/**
 * Kinds of stories of which the product and the contract are known to say different things today. They are left out so that other
 * differences show; a kind goes from here together with its fault.
 */
const kinds: Record<string, (parts: { tellings: Telling[]; takeBacks: Telling[] }) => boolean> = {
  'a rejection, no chargeback, that names ids': ({ tellings }) =>
    tellings.some((one) => one.status === 'rejected' && !one.chargeback && (one.transaction !== undefined || one.original !== undefined)),
  'take-backs under the same ids that differ in amount, currency or word': ({ takeBacks }) =>
    takeBacks.some((one) =>
      takeBacks.some(
        (other) =>
          one.transaction === other.transaction &&
          one.original === other.original &&
          (one.amount !== other.amount || one.status !== other.status || one.currency !== other.currency),
      ),
    ),
  'an approval without an id, and a take-back of a transaction that is named': ({ tellings, takeBacks }) =>
    tellings.some((one) => one.status === 'approved' && one.transaction === undefined) &&
    takeBacks.some((back) =>
      tellings.some((one) => !takeBacks.includes(one) && one.transaction !== undefined && idsOf(back).includes(one.transaction)),
    ),
  "a take-back that names a pending's transaction": ({ tellings, takeBacks }) =>
    takeBacks.some((back) =>
      tellings.some((one) => one.status === 'pending' && one.transaction !== undefined && idsOf(back).includes(one.transaction)),
    ),
  "a take-back's own id that another one names as its original": ({ takeBacks }) =>
    takeBacks.some((back) => takeBacks.some((other) => back.transaction !== undefined && other.original === back.transaction)),
  'reasons beside take-backs': ({ tellings, takeBacks }) =>
    takeBacks.length > 0 && tellings.some((one) => one.status === 'approved' && one.reason !== undefined),
  'several pendings, one of them without an id': ({ tellings }) => {
    const pendings = tellings.filter((one) => one.status === 'pending');
    return pendings.length > 2 && pendings.some((one) => one.transaction === undefined);
  },
  'approvals in several currencies': ({ tellings }) => tellings.some((one) => one.currency !== undefined && one.status === 'approved'),
  'a transaction that is held with several amounts': ({ tellings, takeBacks }) =>
    takeBacks.some(
      (back) =>
        new Set(
          tellings.flatMap((one) =>
            one.status === 'approved' && one.transaction !== undefined && idsOf(back).includes(one.transaction) ? [one.amount] : [],
          ),
        ).size > 1,
    ),
};

const idsOf = ({ transaction, original }: Telling) => [transaction, original];

export const isToldRight = ({ tellings }: Story): boolean => {
  const takeBacks = tellings.filter((one) => one.status === 'reversed' || one.chargeback);
  return !Object.values(kinds).some((isKind) => isKind({ tellings, takeBacks }));
};
