import { useId } from 'preact/hooks';
import type { Query } from '../core/api.ts';
import type { Named } from '../core/names.ts';
import { quickRanges, timeZone } from '../core/ranges.ts';

import { IdInput } from './id-input.tsx';

export interface Filter {
  readonly name: string;
  readonly label: string;
  /** The possible values; without them the filter is a text field. */
  readonly options?: readonly string[];
  readonly kind?: 'date';
  /** The filter holds the id of one of these, which are suggested. */
  readonly idOf?: Named;
  readonly placeholder?: string;
}

/** The days that a page covers. */
export const dayFilters: readonly Filter[] = [
  { name: 'from', label: 'From', kind: 'date' },
  { name: 'to', label: 'To', kind: 'date' },
];

interface FiltersProps {
  readonly filters: readonly Filter[];
  readonly values: Query;
  readonly onChange: (values: Query) => void;
}

/** Filters of a list. A choice applies at once, a text when Enter is pressed. */
export function Filters({ filters, values, onChange }: FiltersProps) {
  const apply = (form: HTMLFormElement) => {
    const entries = [...new FormData(form)].flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [],
    );
    onChange(Object.fromEntries(entries));
  };
  const days = filters.filter(({ kind }) => kind === 'date');
  const others = filters.filter(({ kind }) => kind !== 'date');
  const isFiltered = filters.some(({ name }) => (values[name] ?? '') !== '');
  const controls = (some: readonly Filter[]) =>
    some.map((filter) => <FilterControl key={filter.name} filter={filter} value={values[filter.name] ?? ''} onApply={apply} />);
  const actions = (
    <div class="filter-actions">
      <button type="submit">Apply</button>
      {isFiltered && (
        <button type="button" class="quiet" aria-label="Clear the filters" title="Clear the filters" onClick={() => onChange({})}>
          ✕
        </button>
      )}
    </div>
  );
  return (
    <form
      class="filters"
      role="search"
      aria-label="Filters"
      onSubmit={(event) => {
        event.preventDefault();
        apply(event.currentTarget);
      }}
    >
      {controls(others)}
      {days.length === 0 ? (
        actions
      ) : (
        <div class="period">
          {controls(days)}
          {actions}
          <div class="ranges">
            {quickRanges().map(({ name, from, to }) => (
              <button
                key={name}
                type="button"
                class="small"
                aria-pressed={values['from'] === from && values['to'] === to}
                onClick={() => onChange({ ...values, from, to })}
              >
                {name}
              </button>
            ))}
            <span class="muted">Times are in {timeZone}.</span>
          </div>
        </div>
      )}
    </form>
  );
}

interface ControlProps {
  readonly filter: Filter;
  readonly value: string;
  readonly onApply: (form: HTMLFormElement) => void;
}

/** The browser keeps what is typed until it is applied. The key makes the control take over a new value from the URL. */
function FilterControl({ filter: { name, label, options, kind, placeholder, idOf }, value, onApply }: ControlProps) {
  const id = useId();
  const applyNow = ({ currentTarget: { form } }: { readonly currentTarget: HTMLInputElement | HTMLSelectElement }) => {
    if (form !== null) onApply(form);
  };
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      {options && (
        <select id={id} name={name} value={value} onChange={applyNow}>
          <option value="">any</option>
          {options.map((option) => (
            <option key={option} value={option}>
              {option.replaceAll('_', ' ')}
            </option>
          ))}
        </select>
      )}
      {!options && kind === 'date' && <input key={value} id={id} name={name} type="date" defaultValue={value} onChange={applyNow} />}
      {idOf && <IdInput key={value} id={id} name={name} of={idOf} defaultValue={value} placeholder={placeholder} />}
      {!options && !idOf && kind === undefined && (
        <input key={value} id={id} name={name} defaultValue={value} placeholder={placeholder} autoComplete="off" spellcheck={false} />
      )}
    </div>
  );
}
