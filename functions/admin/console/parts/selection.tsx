import { type ComponentChildren, createContext } from 'preact';
import { useContext, useMemo, useState } from 'preact/hooks';
import { groupedText } from '../core/amounts.ts';
import type { Selection } from '../core/bulk.ts';
import type { Column } from './data-table.tsx';

interface Selecting extends Selection {
  readonly select: (selection: Selection) => void;
}

const nothingSelected: Selection = { all: false, ids: new Set() };
const SelectionContext = createContext<Selecting>({ ...nothingSelected, select: () => undefined });

/** @param filters with other filters it is another list, in which nothing is selected. */
export function useSelection(filters: string): Selecting {
  const [chosen, setChosen] = useState({ filters, selection: nothingSelected });
  return useMemo(() => {
    const selection = chosen.filters === filters ? chosen.selection : nothingSelected;
    return { ...selection, select: (next) => setChosen({ filters, selection: next }) };
  }, [chosen, filters]);
}

interface SelectableProps {
  readonly selecting: Selecting;
  /** The actions for what is selected. */
  readonly actions: ComponentChildren;
  /** The list. */
  readonly children: ComponentChildren;
}

/** A list with rows that can be selected. The line above it is always there, so that selecting moves nothing. */
export function Selectable({ selecting, actions, children }: SelectableProps) {
  const { all, ids, select } = selecting;
  const none = !all && ids.size === 0;
  return (
    <SelectionContext.Provider value={selecting}>
      <div class="bulk-bar" role="group" aria-label="With what is selected">
        <label class="filter inline">
          <input type="checkbox" checked={all} onChange={() => select({ ...nothingSelected, all: !all })} />
          <span>Select all that match</span>
        </label>
        <span role="status">{all ? 'All are selected.' : none ? '' : `${groupedText(String(ids.size))} selected.`}</span>
        <fieldset class="actions" disabled={none}>
          {actions}
          {!none && (
            <button type="button" class="quiet" onClick={() => select(nothingSelected)}>
              Clear
            </button>
          )}
        </fieldset>
      </div>
      {children}
    </SelectionContext.Provider>
  );
}

/** The first column of a list whose rows can be selected. */
export function selectColumn<Item>(keyOf: (item: Item) => string): Column<Item> {
  return { title: 'Select', cell: (item) => <SelectOne id={keyOf(item)} /> };
}

function SelectOne({ id }: { readonly id: string }) {
  const { all, ids, select } = useContext(SelectionContext);
  const toggled = () => new Set(ids.has(id) ? [...ids].filter((other) => other !== id) : [...ids, id]);
  return (
    <input
      type="checkbox"
      aria-label={`Select ${id}`}
      checked={all || ids.has(id)}
      disabled={all}
      onChange={() => select({ all: false, ids: toggled() })}
    />
  );
}
