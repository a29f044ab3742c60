import type { StandardParameter } from '../postback/postback.ts';
import type { PostbackStatus } from '../status.ts';

export const digestAlgorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];
export const hmacAlgorithms = ['hmac-md5', 'hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const;
export type HmacAlgorithm = (typeof hmacAlgorithms)[number];
export const encodings = ['hex', 'base64', 'base64url'] as const;
export type Encoding = (typeof encodings)[number];

/** What a word of the network means: one of our statuses; `log`: kept in the log and nothing else; `null`: nothing, the next name is asked. */
export type WordMeaning = PostbackStatus | 'log' | null;

/** `{parameter: [values]}`, the values in lower case: one that was sent is enough. */
export type Marks = Readonly<Record<string, readonly string[]>>;

/** How a network signs (contract 1.8). */
export interface Signing {
  /** `query:NAME`, `body:NAME` or `header:NAME`; several names, of which one is sent, are joined by `|`. */
  readonly in: string;
  readonly algorithm: DigestAlgorithm | HmacAlgorithm;
  readonly encoding?: Encoding | undefined;
  /** Text with placeholders; by method where the network signs its GET and its POST otherwise. */
  readonly message: string | { readonly GET: string; readonly POST: string };
  /** A time of signing, which goes stale. */
  readonly timestamp?: { readonly in: string; readonly unit: 's' | 'ms'; readonly max_age_seconds: number } | undefined;
  /** Stands before the digest, such as `sha256=`. */
  readonly prefix?: string | undefined;
  /** Parameters that the sorted placeholders leave out. */
  readonly exclude?: readonly string[] | undefined;
  /** Parameters that the sorted placeholders leave out when they are empty. */
  readonly skip_empty?: readonly string[] | undefined;
  /** Parameters that it vouches for; absent: those in the message. */
  readonly covers?: readonly string[] | undefined;
  /** One text is one payment, although it leaves the transaction out. */
  readonly one_text?: boolean | undefined;
}

/** What the network wants to read in an answer; `null` and absent: JSON. The texts may hold `{transaction_id}` and `{their parameter}`. */
interface NetworkAnswer {
  readonly accepted?: string | null | undefined;
  /** Absent: as `accepted`. */
  readonly duplicate?: string | null | undefined;
  /** Absent: as `accepted`. */
  readonly held?: string | null | undefined;
  readonly error?: string | null | undefined;
  readonly content_type?: string | undefined;
}

/**
 * How one network sends postbacks (contract 1.8): data, the same for those that are built in and those that an admin adds.
 * What is left out is as for a partner without a network.
 */
export interface Network {
  readonly network_id: string;
  readonly title: string;
  /** Address of the network's own documentation. */
  readonly docs?: string | undefined;
  /** Year and month in which the document was last held against it. */
  readonly checked?: string | undefined;
  /** What an operator has to know, in Markdown. */
  readonly notes?: string | undefined;
  /**
   * `{our: [their names]}`; a path such as `data.user.click` leads into nested JSON. The first that is there counts; of several for
   * `status` each is asked in turn. An empty list: the network never says it, whatever a parameter is called.
   */
  readonly names: Readonly<Partial<Record<StandardParameter, readonly string[]>>>;
  /** Names that it also sends and that mean nothing to us: its own currency, the time. */
  readonly custom?: readonly string[] | undefined;
  readonly signing?: Signing | undefined;
  /** Instead of a signature: a secret that is sent as it is. */
  readonly shared_secret?: { readonly in: string } | undefined;
  readonly amount?: { readonly unit?: 'major' | 'minor' | undefined; readonly negative?: 'refuse' | 'reverses' | undefined } | undefined;
  readonly statuses?:
    | {
        readonly words?: Readonly<Record<string, WordMeaning>> | undefined;
        /** What a postback without a status is. */
        readonly absent?: 'approved' | 'held' | undefined;
      }
    | undefined;
  readonly reversal?:
    | {
        readonly when?: Marks | undefined;
        /** Events, usually in the path, that take back what `complete` paid. */
        readonly events?: readonly string[] | undefined;
        /** Their parameter that names the transaction which is taken back. */
        readonly original?: string | undefined;
        /** What stands before the original's id in the transaction id of what takes it back. */
        readonly id_prefix?: string | undefined;
        /** What takes back has an id of its own and names no original. */
        readonly own_id?: boolean | undefined;
        /** `rejected` after `approved` is its chargeback. */
        readonly rejected_is_chargeback?: boolean | undefined;
      }
    | undefined;
  readonly test?: Marks | undefined;
  readonly events?:
    | {
        /** `{their: ours}`; `null`: no particular event. */
        readonly names?: Readonly<Record<string, string | null>> | undefined;
        /** What becomes of an event that the offer does not declare. */
        readonly unknown?: UnknownEvent | undefined;
        /** A payout of 0 is information and uses nothing up. */
        readonly zero_payout?: 'log' | undefined;
      }
    | undefined;
  readonly repeat?: Repeat | undefined;
  readonly match_by_transaction?: boolean | undefined;
  readonly answer?: NetworkAnswer | undefined;
  /** What follows the postback address, in the network's own macros; empty: the network adds its parameters by itself. */
  readonly paste?: readonly string[] | undefined;
  /** Where our click id goes in the address of its wall or offer. */
  readonly wall?: string | undefined;
  /** Addresses and ranges it says it sends from. */
  readonly addresses?: readonly string[] | undefined;
}

export type UnknownEvent = 'hold' | 'log' | 'complete';
/** How often a click may earn (contract 1.4). */
export type Repeat = 'once' | 'per_transaction';

type Part = Exclude<keyof Network, 'network_id' | 'title' | 'docs' | 'checked' | 'notes'>;
type Members = 'signing' | 'amount' | 'statuses' | 'reversal' | 'events' | 'answer';

/**
 * What a partner has otherwise than its network (contract 1.8). Members of an object replace the network's one by one, words and
 * names too; everything else is replaced as a whole. `null`: the partner has none of it.
 */
export type NetworkSettings = {
  readonly [P in Exclude<Part, Members | 'names'>]?: Network[P] | null;
} & {
  readonly [P in Members]?: { readonly [M in keyof NonNullable<Network[P]>]?: NonNullable<Network[P]>[M] | undefined } | null | undefined;
} & { readonly names?: Readonly<Partial<Record<StandardParameter, readonly string[] | null | undefined>>> | null | undefined };
