import type { Named } from '../core/names.ts';

/** One field of a form. What a person types is text; `read` makes of it what the API takes. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly kind?: 'text' | 'password' | 'lines' | 'select' | 'checkbox' | 'checks' | 'rows' | 'url' | 'date' | 'time';
  readonly options?: readonly (string | { readonly value: string; readonly text: string })[];
  /** Of rows: what each of them holds. Their text is written and read by `rowsText` and `readRows`. */
  readonly columns?: readonly Field[];
  /** Where the API has it, if not by its name: what the API finds wrong there is shown at the field. */
  readonly at?: string;
  /** Whether it is asked for, by what is filled in elsewhere; what is not is not sent. */
  readonly asked?: (values: Readonly<Record<string, string>>) => boolean;
  /** What may be typed, among other things. */
  readonly suggestions?: readonly string[];
  /** It is the id of one of these, which are suggested. */
  readonly idOf?: Named;
  readonly required?: boolean;
  readonly placeholder?: string;
  /** @throws Error with what is wrong, to be shown. */
  readonly read?: (text: string) => unknown;
  /** Shown only after asking for more. */
  readonly advanced?: boolean;
}
