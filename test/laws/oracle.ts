import Big from 'big.js';

/**
 * The oracle: a second model of what a click earns, written from the words of the contract (1.4, 1.5 and 2) and not from the product.
 * It is a list of statements and a fold over them, as plain as possible: no storage, no performance, no code shared with the product.
 *
 * Where the contract is silent, the oracle does what a careful accountant would do. All of these choices:
 *  1. An approval without an id stands for the first approval with an id and the same amount that comes after it (a server call after a
 *     pixel). From then on it has that id, another id is another transaction, and a take-back that came first for that id nets
 *     (`accepted`).
 *     After a take-back, another amount under a new id is `reapproval`, while one without an id is not identified: no guess is ever paid.
 *     An approval without an id may be the transaction of an accepted pending or rejection, so a take-back about that one is about it.
 *  2. An amount of 0 says nothing about how much a take-back takes, so it takes all. So does an amount that is not smaller than what is
 *     left.
 *  3. Under ids that took a part back, only a take-back without an amount takes the rest. One with an amount is `conflict`, even if that is
 *     the whole: before its approval nobody knows what the whole is, and the order must not matter. Ids are compared as they were sent.
 *  4. Without any id, parts of different amounts are different parts.
 *  5. A part, or an approval, in a currency that is not the conversion's is `conflict`, because nobody can subtract euros from dollars.
 *     Only an accepted statement with an amount above 0 gives a conversion its currency.
 *  6. A rejection (if the network's rejections are no chargebacks) is not a take-back but a move: it takes all of what it is about,
 *     whatever amount it has, and is `conflict` if it is about something other than what is paid. If the network's rejections are
 *     chargebacks, a rejection is a take-back in every way, so it may be a part; two take-backs are the same whichever word they use.
 *  7. A take-back is remembered for the scope in which it was said: without an event, and before anything converted, it nets against the
 *     first approval of the click; for a transaction it nets against that transaction's first approval, whatever event that has.
 *  8. An exact repetition is a `duplicate` before anything else is considered, even if it would be about another conversion today.
 *  9. A transaction is known once anything other than a take-back has named it (accepted, duplicate or held).
 * 10. The transaction of a pending binds take-backs that name it; they do not touch an approval with another id. A part is `conflict` if an
 *     approval of its transaction is held; a pending that is held (because it came late) is no money of which a part can be taken.
 * 11. A take-back that settles a held postback counts as if it had come first: if a person approves the postback after all, it nets to
 *     zero, unless the person has set the take-back aside before.
 * 12. A person's decision is never a duplicate. Approving what is paid changes nothing, or pays the amount that is named instead; approving
 *     what is not paid pays it; taking back what is paid takes it. Without an amount, the one that was accepted last is meant.
 * 13. A take-back that comes when nothing is left does not change the status; a part does, and so does an early one (with the first one's
 *     word).
 * 14. A percentage without an amount is held only if the approval would pay.
 */
type Status = 'pending' | 'approved' | 'rejected' | 'reversed';

export type Telling = {
  via: 'postback' | 'hand' | 'file';
  status: Status;
  /** Whether it is the `rejected` of a network whose rejections are chargebacks. */
  chargeback?: true;
  transaction?: string;
  original?: string;
  /** Upward, decimal text. */
  amount?: string;
  currency?: string;
  reason?: string;
  /** Absent: no event is named. */
  event?: string;
  /** Whether the transaction id is the take-back's own and so names no payment. */
  ownId?: true;
  /** The code that holds it before money is considered (`outside_window`), if it would be accepted and paid. */
  edge?: string;
};

export type Terms = { kind: 'percent' | 'fixed'; rate: string; exchangeRate: string };

export type Story = { repeat: 'once' | 'per_transaction'; terms: Terms; defaultCurrency: string; tellings: Telling[] };

export type Answer = { kind: 'accepted' } | { kind: 'duplicate' } | { kind: 'held'; code: string };

/** The worth of a conversion: what is left upward, and downward and in points for the publisher. Status absent: it has only been held. */
type Worth = {
  event: string;
  transaction: string | undefined;
  status: Status | undefined;
  left: string;
  payout: string;
  points: string;
};

export type Outcome = { answer: Answer; conversions: Worth[] };

type Paid = { transaction: string | undefined; original: Big; left: Big; stands: boolean };
type Said = { telling: Telling; answer: Answer; home: string; closed: boolean; ofHeld?: boolean };
/** `event`: the event whose first approval it waits for; absent: any event. */
type Early = { said: Said; target: string | undefined; floats: boolean; event: string | undefined };
type Conversion = {
  key: string;
  event: string;
  transaction: string | undefined;
  status: Status | undefined;
  currency: string | undefined;
  paid: Paid[];
};

const accepted: Answer = { kind: 'accepted' };
const duplicate: Answer = { kind: 'duplicate' };
const held = (code: string): Answer => ({ kind: 'held', code });

const minorUnits: Record<string, number> = { JPY: 0, KWD: 3 };
const halfEven = (amount: Big, digits: number) => amount.round(digits, 2);

/** The downward worth of what is left of `original`, rounded once (contract 2). */
const worth = (terms: Terms, currency: string, left: Big, original: Big): { payout: string; points: string } => {
  const digits = minorUnits[currency] ?? 2;
  const whole = original.eq(0);
  const exact =
    terms.kind === 'percent'
      ? left.times(terms.rate).div(100)
      : whole
        ? new Big(terms.rate)
        : new Big(terms.rate).times(left).div(original);
  const payout = halfEven(exact, digits);
  return { payout: payout.toFixed(digits), points: halfEven(payout.times(terms.exchangeRate), 2).toFixed(2) };
};

/** Tells the story from its beginning. Returns the answer to each telling, and the worth of the click's conversions after it. */
export const tell = (story: Story): Outcome[] => {
  const { terms, defaultCurrency } = story;
  const once = story.repeat === 'once';
  const said: Said[] = [];
  const conversions: Conversion[] = [];
  let early: Early[] = [];

  const amountOf = (t: Telling) => new Big(t.amount ?? 0);
  const placeOf = (event: string, transaction: string | undefined): Conversion => {
    const key = once || transaction === undefined ? event : `${event} ${transaction}`;
    const found = conversions.find((one) => one.key === key);
    if (found) return found;
    const made: Conversion = { key, event, transaction: once ? undefined : transaction, status: undefined, currency: undefined, paid: [] };
    conversions.push(made);
    return made;
  };
  const currencyOf = (c: Conversion, t: Telling) => t.currency ?? c.currency ?? defaultCurrency;
  const saidOf = (c: Conversion) => said.filter((one) => one.home === c.key);
  const approvalsOf = (c: Conversion) => saidOf(c).filter((one) => one.telling.status === 'approved');
  const isTakeBack = (t: Telling) => t.status === 'reversed' || t.chargeback === true;
  const earnings = (one: Said) => one.telling.status === 'approved' || one.telling.status === 'pending';
  const knows = (c: Conversion, transaction: string) =>
    saidOf(c).some((one) => !isTakeBack(one.telling) && one.telling.transaction === transaction);
  const standing = (c: Conversion) => c.paid.find((one) => one.stands);
  const otherCurrency = (c: Conversion, t: Telling) =>
    amountOf(t).gt(0) && c.currency !== undefined && t.currency !== undefined && t.currency !== c.currency;

  const sameCurrency = (c: Conversion, one: Said, t: Telling) =>
    amountOf(t).eq(0) || amountOf(one.telling).eq(0) || currencyOf(c, one.telling) === currencyOf(c, t);
  const sameMoney = (c: Conversion, one: Said, t: Telling) => amountOf(one.telling).eq(amountOf(t)) && sameCurrency(c, one, t);

  const takesCurrency = (c: Conversion, t: Telling) => {
    if (amountOf(t).gt(0)) c.currency ??= currencyOf(c, t);
  };

  // ---- What pays -----------------------------------------------------------------------------------------------------------------

  const netEarlyOnes = (c: Conversion, paid: Paid, theOnes: (one: Early) => boolean) => {
    const ones = early.filter(theOnes);
    for (const one of ones) {
      const waitedAt = conversions.find(({ key }) => key === one.said.home);
      takeFrom(c, paid, one.said.telling);
      one.said.home = c.key;
      // Where nothing else was accepted, nothing has happened.
      if (waitedAt && waitedAt !== c && !saidOf(waitedAt).some(({ answer }) => answer.kind === 'accepted')) waitedAt.status = undefined;
    }
    if (ones[0]) c.status = ones[0].said.telling.status;
    early = early.filter((one) => !theOnes(one));
  };
  const comesFor = (c: Conversion, transaction: string | undefined) => (one: Early) =>
    one.target !== undefined &&
    (one.target === transaction ||
      (transaction === undefined && c.paid.length === 1 && isAccepted(c, one.target) && !hasApproval(c, one.target))) &&
    (one.said.telling.event === undefined || one.said.telling.event === c.event);

  const pay = (c: Conversion, transaction: string | undefined, amount: Big) => {
    const inScope = (one: Early) =>
      conversions.filter(({ event, paid }) => (one.event === undefined || one.event === event) && paid.length > 0);
    const firsts = early.filter(
      (one) =>
        one.target === undefined &&
        (one.floats ? inScope(one).length === 0 && (one.event ?? c.event) === c.event : one.said.home === c.key && c.paid.length === 0),
    );
    const paid: Paid = { transaction, original: amount, left: amount, stands: true };
    c.paid.push(paid);
    c.status = 'approved';
    netEarlyOnes(c, paid, (one) => firsts.includes(one) || comesFor(c, transaction)(one));
  };

  const approve = (c: Conversion, t: Telling): Answer => {
    const approvals = approvalsOf(c);
    const stands = standing(c);
    const exactly = approvals.filter((one) => sameMoney(c, one, t) && one.telling.transaction === t.transaction);
    const isAs = (paid: Paid) => paid.original.eq(amountOf(t)) && !otherCurrency(c, t);
    const wasTakenFrom = stands ? stands.left.lt(stands.original) : c.paid.length > 0;
    const pleads = wasTakenFrom && t.reason !== undefined && !approvals.some((one) => one.telling.reason === t.reason);

    if (stands) {
      const isIt = t.transaction === undefined || stands.transaction === undefined || stands.transaction === t.transaction;
      if (exactly.length > 0 && !pleads) return duplicate;
      if (!isIt || otherCurrency(c, t)) return held('conflict');
      if (pleads) return held('reapproval');
      if (!isAs(stands)) return held('conflict');
      return identify(c, stands, t.transaction) ? accepted : duplicate;
    }
    if (c.paid.length > 0 && (exactly.length === 0 || pleads) && otherCurrency(c, t)) return held('conflict');
    if (c.paid.length > 0) {
      const seen = approvals.some((one) => one.telling.transaction === t.transaction);
      const repeats = t.transaction === undefined ? approvals.some((one) => sameMoney(c, one, t)) : exactly.length > 0;
      if (t.transaction === undefined || seen) return repeats && !pleads ? duplicate : held('reapproval');
      const came = early.some(comesFor(c, t.transaction));
      const takeBacksOwn = saidOf(c).some((one) => isTakeBack(one.telling) && one.telling.transaction === t.transaction);
      if (takeBacksOwn && !came && !isNamed(c, t.transaction)) return held('reapproval');
      const nameless = c.paid.find((one) => one.transaction === undefined);
      if (nameless) {
        if (!isAs(nameless)) return held('reapproval');
        if (pleads) return held('reapproval');
        nameless.transaction = t.transaction;
        return duplicate;
      }
    } else if (exactly.length > 0) return duplicate;

    if (otherCurrency(c, t)) return held('conflict');
    if (t.edge !== undefined) return held(t.edge);
    if (terms.kind === 'percent' && t.amount === undefined) return held('missing_payout');
    takesCurrency(c, t);
    pay(c, t.transaction, amountOf(t));
    return accepted;
  };

  /** A repetition with an id names the transaction that was approved without one. */
  const identify = (c: Conversion, paid: Paid, transaction: string | undefined) => {
    if (transaction === undefined || paid.transaction !== undefined) return false;
    paid.transaction = transaction;
    const brings = early.some(comesFor(c, transaction));
    netEarlyOnes(c, paid, comesFor(c, transaction));
    return brings;
  };

  const approveByHand = (c: Conversion, t: Telling): Answer => {
    const stands = standing(c);
    const before = saidOf(c).filter(
      ({ telling, answer }) =>
        telling.amount !== undefined &&
        (t.transaction === undefined || !once ? answer.kind === 'accepted' : telling.transaction === t.transaction),
    );
    const decided = before.findLast(earnings) ?? before.at(-1);
    const transaction = once ? t.transaction : undefined;
    const amount = t.amount ?? decided?.telling.amount;
    // A person who decides about the conversion, instead of a held postback, may change what is paid.
    if (stands && transaction === undefined) {
      if (t.amount === undefined) return duplicate;
      stands.stands = false;
    } else if (stands)
      return stands.transaction === transaction && (t.amount === undefined || stands.original.eq(t.amount)) ? duplicate : held('conflict');
    if (otherCurrency(c, t)) return held('conflict');
    if (terms.kind === 'percent' && amount === undefined) return held('missing_payout');
    if (amount !== undefined) c.currency ??= t.currency ?? decided?.telling.currency ?? defaultCurrency;
    for (const one of before) one.closed ||= one.answer.kind === 'held' && one.telling.transaction === transaction;
    pay(c, transaction, new Big(amount ?? 0));
    return accepted;
  };

  const wait = (c: Conversion, t: Telling): Answer => {
    const pendings = saidOf(c).filter((one) => one.telling.status === 'pending');
    if (pendings.some((one) => sameMoney(c, one, t) && one.telling.transaction === t.transaction)) return duplicate;
    if (c.status === 'pending') {
      const waits = pendings.find((one) => one.answer.kind === 'accepted');
      const name = pendings.find((one) => one.answer.kind !== 'held' && one.telling.transaction !== undefined)?.telling.transaction;
      const isIt = t.transaction === undefined || name === undefined || name === t.transaction;
      return waits && isIt && sameMoney(c, waits, t) ? duplicate : held('conflict');
    }
    if (c.status !== undefined || otherCurrency(c, t)) return held('conflict');
    takesCurrency(c, t);
    c.status = 'pending';
    return accepted;
  };

  // ---- What takes back -----------------------------------------------------------------------------------------------------------

  /** The part that a take-back names; undefined means all of it. */
  const partOf = (t: Telling, whole: Big | undefined) => {
    const amount = amountOf(t);
    return !isTakeBack(t) || amount.eq(0) || (whole !== undefined && amount.gte(whole)) ? undefined : amount;
  };
  const takeFrom = (c: Conversion, paid: Paid, t: Telling) => {
    if (!paid.stands) return;
    paid.left = paid.left.minus(partOf(t, paid.left) ?? paid.left);
    paid.stands = paid.left.gt(0);
    c.status = t.status;
  };

  const placeFor = (t: Telling): { place: Conversion; target: string | undefined; floats: boolean } | 'several' => {
    const inScope = conversions.filter(({ event }) => t.event === undefined || event === t.event);
    const home = (transaction: string | undefined) => placeOf(t.event ?? 'complete', transaction);
    if (t.via === 'hand') {
      const place = home(t.transaction);
      return { place, target: t.transaction !== undefined && knows(place, t.transaction) ? t.transaction : undefined, floats: false };
    }
    const target = t.ownId ? undefined : (t.original ?? t.transaction);
    if (target !== undefined) {
      const near = inScope.filter((one) => knows(one, target));
      const known = near.length > 0 ? near : conversions.filter((one) => knows(one, target));
      const open = known.filter((one) => one.paid.some((paid) => paid.stands && paid.transaction === target));
      if (open.length > 1) return 'several';
      const place = open[0] ?? known[0];
      if (place) return { place, target, floats: false };
    }
    // A repetition may have been said where the first one was until a payment came for it elsewhere: then it is about that payment.
    const repeated = isTakeBack(t)
      ? (inScope.find((one) => wasTakenBackBy(one, t, isFirst)) ?? inScope.find((one) => wasTakenBackBy(one, t)))
      : undefined;
    const waits = (place: Conversion) => saidOf(place).every(({ telling }) => isTakeBack(telling));
    if (repeated) {
      const about = once && t.original === undefined ? undefined : target;
      return {
        place: repeated,
        target: about,
        floats: about === undefined && waits(repeated),
      };
    }
    if (target !== undefined && (!once || t.original !== undefined)) return { place: home(target), target, floats: false };
    const open = inScope.filter((one) => standing(one));
    if (open.length > 1) return 'several';
    const begun = inScope.filter((one) => saidOf(one).some(({ telling }) => !isTakeBack(telling)));
    const only = open[0] ?? (begun.length === 1 ? begun[0] : undefined);
    // Where something was paid and nothing is left, it is about that: it takes nothing, and what is paid later is not what it took.
    const unnamed = conversions.find(({ key }) => key === (t.event ?? 'complete'));
    const spent = unnamed && begun.includes(unnamed) ? undefined : inScope.find(({ paid }) => paid.length > 0);
    const place = only ?? spent ?? home(undefined);
    return { place, target: undefined, floats: only === undefined && waits(place) };
  };

  const isNamed = (c: Conversion, id: string) => knows(c, id) || saidOf(c).some(({ telling }) => telling.original === id);
  const isAccepted = (c: Conversion, target: string) => knows(c, target) && onlyHeld(c, target).length === 0;

  /** A payment without an id may belong to a known transaction that has no approval of its own. */
  const mayBe = (c: Conversion, paid: Paid, target: string) =>
    paid.transaction === undefined && isAccepted(c, target) && !hasApproval(c, target);
  const hasApproval = (c: Conversion, id: string) => approvalsOf(c).some(({ telling }) => telling.transaction === id);

  /** The held postbacks of a transaction of which nothing was accepted. */
  const onlyHeld = (c: Conversion, target: string | undefined) => {
    const about = saidOf(c).filter((one) => target !== undefined && !isTakeBack(one.telling) && one.telling.transaction === target);
    const counts = (one: Said) => one.answer.kind === 'accepted' || (one.answer.kind === 'duplicate' && !one.ofHeld);
    return about.some(counts) ? [] : about.filter((one) => one.answer.kind === 'held');
  };

  const takeBack = (c: Conversion, target: string | undefined, floats: boolean, t: Telling, remembered: Said): Answer => {
    const byHand = t.via === 'hand';
    const stands = standing(c);
    const isItsOwn = target === undefined || (stands && mayBe(c, stands, target));
    const paid = isItsOwn ? (stands ?? c.paid.at(-1)) : c.paid.findLast((one) => one.transaction === target);
    const named = t.transaction !== undefined || t.original !== undefined;
    const before = saidOf(c).filter(
      ({ telling: one }) => isTakeBack(one) && one.transaction === t.transaction && one.original === t.original,
    );
    const theSame = before.filter((one) => saysTheSame(c, one, t));
    if (!byHand && theSame.length > 0) return duplicate;
    if (otherCurrency(c, t)) return held('conflict');
    const open = paid ? [] : onlyHeld(c, target);
    const counted = before.filter((one) => one.answer.kind === 'accepted');
    if (!byHand && named && counted.length > 0 && amountOf(t).gt(0))
      return counted.some((one) => takesAll(c, one.telling, one)) && c.paid.length === 0 ? duplicate : held('conflict');
    if (open.some(({ telling, closed }) => !closed && telling.status === 'approved' && partOf(t, amountOf(telling))))
      return held('conflict');
    for (const one of open) one.closed = true;

    takesCurrency(c, t);
    if (paid) {
      takeFrom(c, paid, t);
      return accepted;
    }
    const event = t.event ?? before.find(({ telling: one }) => named && one.event !== undefined)?.telling.event;
    early.push({ said: remembered, target, floats, event: event ?? (c.event === 'complete' ? undefined : c.event) });
    if (c.paid.length === 0) c.status = t.status;
    return accepted;
  };

  const saysTheSame = (c: Conversion, one: Said, t: Telling) =>
    sameMoney(c, one, t) ||
    (one.answer.kind !== 'duplicate' &&
      takesAll(c, one.telling, one) &&
      takesAll(c, t, one) &&
      sameCurrency(c, one, t) &&
      !foreign(c, one) &&
      !otherCurrency(c, t));

  const isFirst = ({ answer }: Said) => answer.kind === 'accepted';

  /** The same ids, or the same words without ids, took back that one, so this take-back is about no other. */
  const wasTakenBackBy = (c: Conversion, t: Telling, counts: (one: Said) => boolean = () => true) =>
    saidOf(c).some(
      (one) =>
        counts(one) &&
        isTakeBack(one.telling) &&
        one.telling.transaction === t.transaction &&
        one.telling.original === t.original &&
        (t.transaction !== undefined || t.original !== undefined || (one.telling.event === t.event && saysTheSame(c, one, t))),
    );

  /** Whether the telling takes back a whole approval: the last one before the take-back `where`, or else the first one after it. */
  const takesAll = (c: Conversion, t: Telling, where: Said): boolean => {
    const about = saidOf(c);
    const approvals = about.filter((one) => one.telling.status === 'approved' && one.answer.kind === 'accepted');
    const whole = approvals.findLast((one) => about.indexOf(one) < about.indexOf(where)) ?? approvals[0];
    return amountOf(t).eq(0) || (whole !== undefined && amountOf(t).gte(amountOf(whole.telling)));
  };
  /** Its currency was not the conversion's. */
  const foreign = (c: Conversion, one: Said) => one.answer.kind === 'held' && otherCurrency(c, one.telling);

  /** A rejection of a network whose rejections are no chargebacks. It counts at its place in the order, and takes all that it is about. */
  const reject = (c: Conversion, target: string | undefined, t: Telling): Answer => {
    const byHand = t.via === 'hand';
    const rejections = saidOf(c).filter((one) => one.telling.status === 'rejected' && !isTakeBack(one.telling));
    const said = rejections.find(
      ({ telling: one }) => one.transaction === t.transaction && one.original === t.original && amountOf(one).eq(amountOf(t)),
    );
    if (!byHand && said && sameMoney(c, said, t)) return duplicate;
    if (!byHand && otherCurrency(c, t)) return held('conflict');
    const stands = standing(c);
    const names = (one: Early) => t.transaction === undefined || [one.target, one.said.telling.transaction].includes(t.transaction);
    if (byHand && !stands) early = early.filter((one) => one.said.home !== c.key || !names(one));
    const open = onlyHeld(c, target);
    if (open.length > 0) {
      for (const one of open) one.closed = true;
      c.status ??= 'rejected';
      takesCurrency(c, t);
      return accepted;
    }
    if (stands) {
      const isIt = target === undefined || stands.transaction === target || mayBe(c, stands, target);
      if (!isIt) return held('conflict');
      takeFrom(c, stands, t);
      takesCurrency(c, t);
      return accepted;
    }
    if (byHand) c.status = 'rejected';
    if (c.status === 'reversed') return held('conflict');
    if (c.status === 'rejected' && !byHand) {
      const last = rejections.findLast((one) => one.answer.kind === 'accepted');
      return last && amountOf(last.telling).eq(amountOf(t)) ? duplicate : held('conflict');
    }
    c.status = 'rejected';
    takesCurrency(c, t);
    return accepted;
  };

  // ---- The fold ------------------------------------------------------------------------------------------------------------------

  const saidExactly = (t: Telling) =>
    said.find(
      ({ telling: one }) =>
        one.via !== 'hand' &&
        one.status === t.status &&
        one.transaction === t.transaction &&
        one.original === t.original &&
        one.ownId === t.ownId &&
        one.event === t.event &&
        (one.currency === t.currency || amountOf(t).eq(0)) &&
        (one.amount === undefined) === (t.amount === undefined) &&
        amountOf(one).eq(amountOf(t)) &&
        (t.status !== 'approved' || t.reason === undefined || one.reason === t.reason),
    );

  const hear = (t: Telling): Answer => {
    const again = t.via !== 'hand' && saidExactly(t) !== undefined;
    const remember = (c: Conversion): Said => ({
      telling: t,
      answer: duplicate,
      home: c.key,
      closed: false,
    });
    if (again) return duplicate;
    // A person decides about what exists.
    const key = once || t.transaction === undefined ? (t.event ?? 'complete') : `${t.event ?? 'complete'} ${t.transaction}`;
    if (t.via === 'hand' && !said.some(({ home }) => home === key)) return held('nothing');
    let one: Said;
    if (t.status === 'approved' || t.status === 'pending') {
      const c = placeOf(t.event ?? 'complete', t.transaction);
      one = remember(c);
      one.answer = t.status === 'pending' ? wait(c, t) : t.via === 'hand' ? approveByHand(c, t) : approve(c, t);
    } else {
      const found = placeFor(t);
      if (found === 'several') {
        said.push({ telling: t, answer: held('several_conversions'), home: '', closed: false });
        return held('several_conversions');
      }
      one = remember(found.place);
      one.answer = isTakeBack(t)
        ? takeBack(found.place, found.target, found.floats, t, one)
        : reject(found.place, found.target ?? t.original, t);
    }
    const place = conversions.find(({ key }) => key === one.home);
    if (place && one.answer.kind === 'duplicate') {
      const repeated = saidOf(place).filter(
        (other) => other.telling.status === t.status && other.telling.transaction === t.transaction && sameMoney(place, other, t),
      );
      one.ofHeld = repeated.length > 0 && repeated.every((other) => other.answer.kind === 'held' || other.ofHeld);
    }
    // A decision that is refused is not a statement: the console shows the refusal and nothing is written.
    if (t.via !== 'hand' || one.answer.kind === 'accepted') said.push(one);
    return one.answer;
  };

  const worthOf = (c: Conversion): Worth => {
    const stands = standing(c);
    const currency = c.currency ?? defaultCurrency;
    const nothing = { payout: new Big(0).toFixed(minorUnits[currency] ?? 2), points: '0.00' };
    return {
      event: c.event,
      transaction: c.transaction,
      status: c.status,
      left: (stands?.left ?? new Big(0)).toFixed(),
      ...(stands ? worth(terms, currency, stands.left, stands.original) : nothing),
    };
  };

  return story.tellings.map((t) => {
    const answer = hear(t);
    return { answer, conversions: conversions.map(worthOf) };
  });
};
