import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { groupedText } from '../core/amounts.ts';
import { currentPlace } from '../core/place.ts';
import type { List } from '../core/use-list.ts';
import { ErrorNote, Loading } from './basics.tsx';

export interface Column<Item> {
  readonly title: string;
  readonly cell: (item: Item) => ComponentChildren;
  readonly align?: 'end';
  /** The value to sort by, in tables that can be sorted. Rows without one come last. */
  readonly by?: (item: Item) => number | bigint | string | null;
}

/** The title of the column that sorts; a `-` before it means descending. */
interface Sorting {
  readonly by: string;
  readonly onSort: (by: string) => void;
}

interface TableProps<Item> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  /** Must be the same array at every rendering: rows are drawn again only when their items change. */
  readonly columns: readonly Column<Item>[];
  readonly keyOf: (item: Item) => string;
}

interface ListProps<Item> extends TableProps<Item> {
  readonly list: List<Item>;
  readonly empty: ComponentChildren;
}

/** A list with its states: loading, empty, error, and more to load. */
export function ListTable<Item>({ list, empty, ...table }: ListProps<Item>) {
  const count = list.pages.reduce((sum, page) => sum + page.length, 0);
  const { error } = list;
  if (count === 0 && list.loading) return <Loading what={table.label} />;
  if (count === 0 && error) return <ErrorNote error={error} onRetry={list.reload} />;
  if (count === 0) return <>{empty}</>;
  return (
    <>
      <Table {...table} pages={list.pages} />
      {error && <ErrorNote error={error} onRetry={list.loadMore} />}
      <footer class="list-foot">
        <span class="muted" role="status">
          {groupedText(String(count))} {list.hasMore ? 'shown' : 'in all'}
        </span>
        {list.hasMore && (
          <button type="button" onClick={list.loadMore} disabled={list.loading}>
            {list.loading ? 'Loading…' : 'Load more'}
          </button>
        )}
      </footer>
    </>
  );
}

interface WholeTableProps<Item> extends TableProps<Item> {
  readonly pages: readonly (readonly Item[])[];
  /** Only for lists that are loaded completely. */
  readonly sorting?: Sorting;
}

/** A table. Its explicit roles repeat what the elements mean, because on a phone the rows are laid out as cards and would lose it. */
export function Table<Item>({ label, columns, keyOf, pages, sorting }: WholeTableProps<Item>) {
  const rowHeight = useRef(usualRowHeight);
  const shown = useMemo(() => (sorting === undefined ? pages : [sorted(pages.flat(), columns, sorting.by)]), [pages, columns, sorting?.by]);
  return (
    <table role="table" aria-label={label} class="list">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <Heading key={column.title} column={column} sorting={sorting} />
          ))}
        </tr>
      </thead>
      {shown.map((items, index) => (
        // Pages are only ever added at the end, so the index identifies a page.
        <Rows
          key={index}
          label={`${label} ${index}`}
          items={items}
          columns={columns}
          keyOf={keyOf}
          isFirst={index === 0}
          windowed={pages.length > 1}
          rowHeight={rowHeight}
        />
      ))}
    </table>
  );
}

function Heading<Item>({
  column: { title, align, by },
  sorting,
}: {
  readonly column: Column<Item>;
  readonly sorting: Sorting | undefined;
}) {
  const direction = sorting?.by === title ? 'ascending' : sorting?.by === `-${title}` ? 'descending' : undefined;
  return (
    <th role="columnheader" scope="col" class={align} {...(direction && { 'aria-sort': direction })}>
      {sorting === undefined || by === undefined ? (
        title
      ) : (
        <button type="button" class="sort" onClick={() => sorting.onSort(direction === 'descending' ? title : `-${title}`)}>
          {title}
          <span aria-hidden="true">{direction === undefined ? '' : direction === 'ascending' ? ' ↑' : ' ↓'}</span>
        </button>
      )}
    </th>
  );
}

function sorted<Item>(items: readonly Item[], columns: readonly Column<Item>[], order: string): readonly Item[] {
  const by = columns.find(({ title }) => title === order.replace(/^-/, ''))?.by;
  if (by === undefined) return items;
  const sign = order.startsWith('-') ? -1 : 1;
  return [...items].sort((one, other) => {
    const [a, b] = [by(one), by(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return a < b ? -sign : a > b ? sign : 0;
  });
}

/** How far outside the window rows are still drawn, so that scrolling shows no gaps. */
const margin = '1500px';
/** Height in pixels of a row with one line, used until a row has been drawn. */
const usualRowHeight = 40;

interface RowsProps<Item> extends TableProps<Item> {
  readonly items: readonly Item[];
  readonly isFirst: boolean;
  /** Whether rows far from the window are left out; a list of one page is drawn whole. */
  readonly windowed: boolean;
  /** Height of the first rows, used as an estimate for rows that are not drawn yet, so that little moves when they are. */
  readonly rowHeight: { current: number };
}

/**
 * One page of rows. It is drawn once, whatever is added below it. Until it comes near the window, and while it is far away, it is a gap of
 * the same height: so ten thousand rows cost as much as a few hundred.
 */
function Rows<Item>({ label, items, columns, keyOf, isFirst, windowed, rowHeight }: RowsProps<Item>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const place = useRef(currentPlace()).current;
  const height = useRef(place.heights.get(label) ?? rowHeight.current * items.length);
  const [near, setNear] = useState(isFirst);
  // Keeps the height, so that whoever comes back finds every row where it was, even those that are not drawn yet.
  useLayoutEffect(
    () => () => {
      if (body.current !== null) place.heights.set(label, body.current.getBoundingClientRect().height);
    },
    [place, label],
  );
  useEffect(() => {
    const element = body.current;
    if (element === null) return undefined;
    if (isFirst) rowHeight.current = element.getBoundingClientRect().height / items.length;
    if (!windowed) return undefined;
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        if (!entry.isIntersecting) height.current = entry.boundingClientRect.height;
        setNear(entry.isIntersecting || element.contains(document.activeElement));
      },
      { rootMargin: margin },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isFirst, windowed, items, rowHeight]);
  return useMemo(
    () => (
      <tbody role="rowgroup" ref={body}>
        {near ? (
          items.map((item) => (
            <tr key={keyOf(item)} role="row">
              {columns.map(({ title, cell, align }) => (
                <td key={title} role="cell" data-label={title} class={align}>
                  <div class="value">{cell(item)}</div>
                </td>
              ))}
            </tr>
          ))
        ) : (
          <tr>
            <td colSpan={columns.length} class="gap" style={{ height: `${height.current}px` }} />
          </tr>
        )}
      </tbody>
    ),
    [items, columns, keyOf, near],
  );
}
