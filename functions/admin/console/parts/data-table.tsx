import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { List } from '../core/use-list.ts';
import { ErrorNote, Loading } from './basics.tsx';

export interface Column<Item> {
  readonly title: string;
  readonly cell: (item: Item) => ComponentChildren;
  readonly align?: 'end';
}

interface TableProps<Item> {
  /** What is listed, for screen readers. */
  readonly label: string;
  /** The same array at every rendering: rows are drawn again only when their items change. */
  readonly columns: readonly Column<Item>[];
  readonly keyOf: (item: Item) => string;
}

interface ListProps<Item> extends TableProps<Item> {
  readonly list: List<Item>;
  readonly empty: ComponentChildren;
}

/** A list with what it needs around it: loading, nothing there, an error, more. */
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
          {count} {list.hasMore ? 'shown' : 'in all'}
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

/** The roles are what the elements mean anyway; on a phone rows are laid out as cards, and would lose them. */
export function Table<Item>({ label, columns, keyOf, pages }: TableProps<Item> & { readonly pages: readonly (readonly Item[])[] }) {
  const rowHeight = useRef(usualRowHeight);
  return (
    <table role="table" aria-label={label} class="list">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, align }) => (
            <th key={title} role="columnheader" scope="col" class={align}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      {pages.map((items, index) => (
        // Pages are only ever added at the end: their place is their identity.
        <Rows
          key={index}
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

/** How far outside the window rows are still kept, so that scrolling meets no gaps. */
const margin = '1500px';
/** Pixels of a row of one line, until one has been drawn. */
const usualRowHeight = 40;

interface RowsProps<Item> extends Omit<TableProps<Item>, 'label'> {
  readonly items: readonly Item[];
  readonly isFirst: boolean;
  /** A list of one page is drawn whole. */
  readonly windowed: boolean;
  /** Of the first rows: what those are taken for that were not drawn yet, so that little moves when they are. */
  readonly rowHeight: { current: number };
}

/**
 * One page of rows. It is drawn once, whatever is added below it, and is a gap of its height until it comes near the window and
 * while it is far away: ten thousand rows cost as much as a few hundred.
 */
function Rows<Item>({ items, columns, keyOf, isFirst, windowed, rowHeight }: RowsProps<Item>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const height = useRef(rowHeight.current * items.length);
  const [near, setNear] = useState(isFirst);
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
