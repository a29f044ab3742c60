import type { Named } from '../core/names.ts';

/** One field of a form. A person types text; `read` turns it into the value that the API expects. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly kind?: 'text' | 'password' | 'lines' | 'select' | 'checkbox' | 'checks' | 'rows' | 'url' | 'date' | 'time';
  readonly options?: readonly (string | { readonly value: string; readonly text: string })[];
  /** For `rows`: the fields of each row. `rowsText` and `readRows` convert them to text and back. */
  readonly columns?: readonly Field[];
  /** The field's path in the API, if it differs from its name. Errors of the API about this path are shown at the field. */
  readonly at?: string;
  /** Whether the field is shown, depending on the other values; a hidden field is not sent. */
  readonly asked?: (values: Readonly<Record<string, string>>) => boolean;
  /** Values that are suggested; others may be typed too. */
  readonly suggestions?: readonly string[];
  /** The field holds the id of one of these, which are suggested. */
  readonly idOf?: Named;
  readonly required?: boolean;
  readonly placeholder?: string;
  /** @throws Error that says what is wrong; it is shown at the field. */
  readonly read?: (text: string) => unknown;
  /** Shown only under "More settings". */
  readonly advanced?: boolean;
}
