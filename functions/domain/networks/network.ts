import type { StandardParameter } from '../postback/postback.ts';
import type { PostbackStatus } from '../status.ts';

export const digestAlgorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];
export const hmacAlgorithms = ['hmac-md5', 'hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const;
export type HmacAlgorithm = (typeof hmacAlgorithms)[number];
export const encodings = ['hex', 'base64', 'base64url'] as const;
export type Encoding = (typeof encodings)[number];

/** What a network's word means: one of our statuses; `log`: the postback is only logged; `null`: nothing, and the next name is read. */
export type WordMeaning = PostbackStatus | 'log' | null;

/** `{parameter: [values]}`, the values in lower case; one of them is enough. */
export type Marks = Readonly<Record<string, readonly string[]>>;

/** How a network signs (contract 1.8). */
export interface Signing {
  /** `query:NAME`, `body:NAME` or `header:NAME`; several names, of which one is sent, are joined by `|`. */
  readonly in: string;
  readonly algorithm: DigestAlgorithm | HmacAlgorithm;
  readonly encoding?: Encoding | undefined;
  /** Text with placeholders; one for each method if the network signs GET and POST differently. */
  readonly message: string | { readonly GET: string; readonly POST: string };
  /** The time of signing; a request that is too far from it is refused. */
  readonly timestamp?: { readonly in: string; readonly unit: 's' | 'ms'; readonly max_age_seconds: number } | undefined;
  /** Text before the digest, such as `sha256=`. */
  readonly prefix?: string | undefined;
  /** Parameters that the sorted placeholders leave out. */
  readonly exclude?: readonly string[] | undefined;
  /** Parameters that the sorted placeholders leave out when they are empty. */
  readonly skip_empty?: readonly string[] | undefined;
  /** Parameters that the signature covers; absent: those in the message. */
  readonly covers?: readonly string[] | undefined;
  /** The signed text identifies one payment, although it does not contain the transaction. */
  readonly one_text?: boolean | undefined;
}

/** The answer that the network expects; `null` or absent: JSON. The texts may contain `{transaction_id}` and `{their parameter}`. */
interface NetworkAnswer {
  readonly accepted?: string | null | undefined;
  /** Absent: the same as `accepted`. */
  readonly duplicate?: string | null | undefined;
  /** Absent: the same as `accepted`. */
  readonly held?: string | null | undefined;
  readonly error?: string | null | undefined;
  readonly content_type?: string | undefined;
}

/**
 * How one network sends postbacks (contract 1.8). It is data, in the same form for built-in networks and those that an admin adds.
 * Whatever is left out is as for a partner without a network.
 */
export interface Network {
  readonly network_id: string;
  readonly title: string;
  /** URL of the network's own documentation. */
  readonly docs?: string | undefined;
  /** Year and month in which this document was last checked against the network's documentation. */
  readonly checked?: string | undefined;
  /** What an operator has to know, in Markdown. */
  readonly notes?: string | undefined;
  /**
   * `{our: [their names]}`; a path such as `data.user.click` leads into nested JSON. The first name that is present counts; for `status`
   * the names are read in turn. An empty list: the network never sends it, whatever a parameter is called.
   */
  readonly names: Readonly<Partial<Record<StandardParameter, readonly string[]>>>;
  /** Further names that the network sends and that mean nothing to us, such as its own currency or the time. */
  readonly custom?: readonly string[] | undefined;
  readonly signing?: Signing | undefined;
  /** Instead of a signature: a secret that is sent unhidden. */
  readonly shared_secret?: { readonly in: string } | undefined;
  readonly amount?: { readonly unit?: 'major' | 'minor' | undefined; readonly negative?: 'refuse' | 'reverses' | undefined } | undefined;
  readonly statuses?:
    | {
        readonly words?: Readonly<Record<string, WordMeaning>> | undefined;
        /** The status of a postback that has none. */
        readonly absent?: 'approved' | 'held' | undefined;
      }
    | undefined;
  readonly reversal?:
    | {
        readonly when?: Marks | undefined;
        /** Events, usually in the path, that take back what `complete` paid. */
        readonly events?: readonly string[] | undefined;
        /** The network's parameter that names the transaction which is taken back. */
        readonly original?: string | undefined;
        /** The text before the original's id in a take-back's transaction id. */
        readonly id_prefix?: string | undefined;
        /** A take-back has an id of its own and names no original. */
        readonly own_id?: boolean | undefined;
        /** A `rejected` after an `approved` is the network's chargeback. */
        readonly rejected_is_chargeback?: boolean | undefined;
      }
    | undefined;
  readonly test?: Marks | undefined;
  readonly events?:
    | {
        /** `{their: ours}`; `null`: no particular event. */
        readonly names?: Readonly<Record<string, string | null>> | undefined;
        /** What happens to an event that the offer does not declare. */
        readonly unknown?: UnknownEvent | undefined;
        /** A payout of 0 is only information, and no click is used up by it. */
        readonly zero_payout?: 'log' | undefined;
      }
    | undefined;
  readonly repeat?: Repeat | undefined;
  readonly match_by_transaction?: boolean | undefined;
  readonly answer?: NetworkAnswer | undefined;
  /** The text after the postback URL, in the network's own macros; empty: the network adds its parameters by itself. */
  readonly paste?: readonly string[] | undefined;
  /** Where our click id goes in the URL of the network's wall or offer. */
  readonly wall?: string | undefined;
  /** IP addresses and ranges from which the network says that it sends. */
  readonly addresses?: readonly string[] | undefined;
}

export type UnknownEvent = 'hold' | 'log' | 'complete';
/** How often a click may earn (contract 1.4). */
export type Repeat = 'once' | 'per_transaction';

type Part = Exclude<keyof Network, 'network_id' | 'title' | 'docs' | 'checked' | 'notes'>;
type Members = 'signing' | 'amount' | 'statuses' | 'reversal' | 'events' | 'answer';

/**
 * A partner's differences from its network (contract 1.8). Members of an object, including words and names, replace the network's one by
 * one; everything else is replaced as a whole. `null`: the part does not apply to this partner.
 */
export type NetworkSettings = {
  readonly [P in Exclude<Part, Members | 'names'>]?: Network[P] | null;
} & {
  readonly [P in Members]?: { readonly [M in keyof NonNullable<Network[P]>]?: NonNullable<Network[P]>[M] | undefined } | null | undefined;
} & { readonly names?: Readonly<Partial<Record<StandardParameter, readonly string[] | null | undefined>>> | null | undefined };
