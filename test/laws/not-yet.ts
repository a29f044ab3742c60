import type { Story, Telling } from './oracle.ts';

/**
 * Kinds of stories of which the product and the contract are known to say different things today. They are left out so that other
 * differences show; a kind goes from here together with its fault.
 */
const kinds: Record<string, (parts: { tellings: Telling[]; takeBacks: Telling[] }) => boolean> = {
  'an approval without an id, and a take-back of a transaction that a rejection names': ({ tellings, takeBacks }) =>
    tellings.some((one) => one.status === 'approved' && one.transaction === undefined) &&
    tellings.some((one) => one.status === 'rejected' && one.transaction !== undefined && names(tellings, one.transaction) > 1) &&
    takeBacks.length + tellings.filter((one) => one.status === 'rejected').length > 1,
  'take-backs under the same ids, one with a currency': ({ takeBacks }) =>
    takeBacks.some((one) =>
      takeBacks.some((other) => one !== other && hasSameIds(one, other) && (one.currency ?? other.currency) !== undefined),
    ),
  'take-backs of a named transaction under the same ids with several amounts': ({ tellings, takeBacks }) =>
    takeBacks.some(
      (one) =>
        tellings.some((other) => !takeBacks.includes(other) && other.transaction !== undefined && idsOf(one).includes(other.transaction)) &&
        takeBacks.some((other) => hasSameIds(one, other) && one.amount !== other.amount),
    ),
  'an approval without an id, and a take-back that comes first for a transaction': ({ tellings, takeBacks }) =>
    tellings.some((one) => one.status === 'approved' && one.transaction === undefined) &&
    takeBacks.some((one) => one.original !== undefined),
  'an approval of nothing beside a currency': ({ tellings }) =>
    tellings.some((one) => one.status === 'approved' && Number(one.amount ?? 0) === 0) &&
    tellings.some((one) => one.currency !== undefined),
  'an approval without an id beside one that is said in several words': ({ tellings }) =>
    tellings.some((one) => one.status === 'approved' && one.transaction === undefined) &&
    tellings.some(
      (one) =>
        one.status === 'approved' &&
        one.transaction !== undefined &&
        tellings.some((other) => other !== one && other.status === 'approved' && other.transaction === one.transaction),
    ),
  'approvals without an id of several amounts, then one with an id': ({ tellings }) =>
    new Set(tellings.flatMap((one) => (one.status === 'approved' && one.transaction === undefined ? [one.amount] : []))).size > 1 &&
    tellings.some((one) => one.status === 'approved' && one.transaction !== undefined),
  'what is taken back and was said in several words': ({ tellings, takeBacks }) =>
    tellings.some(
      (back) =>
        (takeBacks.includes(back) || back.status === 'rejected') &&
        idsOf(back).some((id) => tellings.filter((one) => one !== back && !takeBacks.includes(one) && one.transaction === id).length > 1),
    ),
  'a take-back of a transaction of which a rejection is held': ({ tellings, takeBacks }) =>
    tellings.some(
      (one) =>
        (one.status === 'rejected' || one.status === 'pending') &&
        tellings.some(
          (other) =>
            other !== one &&
            (takeBacks.includes(other) || other.status === 'rejected') &&
            one.transaction !== undefined &&
            idsOf(other).includes(one.transaction),
        ),
    ),
};

const names = (tellings: Telling[], id: string) => tellings.filter((one) => idsOf(one).includes(id)).length;
const hasSameIds = (one: Telling, other: Telling) => one.transaction === other.transaction && one.original === other.original;
const idsOf = ({ transaction, original }: Telling) => [transaction, original].filter((one) => one !== undefined);

export const isToldRight = ({ tellings }: Story): boolean => {
  const takeBacks = tellings.filter((one) => one.status === 'reversed' || one.chargeback);
  return !Object.values(kinds).some((isKind) => isKind({ tellings, takeBacks }));
};

/** A take-back that names nothing that is known is sought anew when it is sent again, and may find another conversion of the click. */
export const isRememberedByClick = ({ status }: Telling): boolean => status === 'approved' || status === 'pending';
