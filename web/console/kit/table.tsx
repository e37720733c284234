// A table on a wide page, a list of cards on a phone.
import type { ComponentChildren, JSX } from "preact";
import { Button } from "./button";
import { Empty, Failure, Loading } from "./feedback";
import { number } from "./format";
import type { Loaded } from "./load";
import { addressOf } from "./place";
import { useKitTexts } from "./texts";

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ComponentChildren;
  end?: boolean; // numbers stand at the end of their column
  narrow?: "hide" | "bare"; // on a phone: not at all; without its heading
}

export interface TableProps<T> {
  label: string; // what the table is of, for screen readers
  columns: Column<T>[]; // the first names the row
  rows: T[];
  rowKey: (row: T) => string;
  to?: (row: T) => string; // the path of a row's page: the first column links to it
  tone?: (row: T) => "bad" | "wait" | undefined; // a mark at the row's begin; its word must be in a column
  fresh?: (row: T) => boolean; // it has just come
}

export function Table<T>({ label, columns, rows, rowKey, to, tone, fresh }: TableProps<T>): JSX.Element {
  const [first, ...others] = columns;
  if (!first) return <></>;
  return (
    <table class="table">
      <caption class="hidden">{label}</caption>
      <thead><tr>{columns.map(({ key, head, end }) => <th key={key} scope="col" class={end ? "end" : ""}>{head}</th>)}</tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)} class={`${tone?.(row) ?? ""} ${fresh?.(row) ? "fresh" : ""} ${to ? "linked" : ""}`}>
            <th scope="row" class={first.end ? "end" : ""}>{to ? <a class="row-link" href={addressOf(to(row))}>{first.cell(row)}</a> : first.cell(row)}</th>
            {others.map(({ key, head, cell, end, narrow }) => (
              <td key={key} class={`${end ? "end" : ""} ${narrow ? `narrow-${narrow}` : ""}`} data-head={head}>{cell(row)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A table over `usePages`: with its states, and the button for more rows. */
export function PagedTable<T>({ of, empty, ...table }: Omit<TableProps<T>, "rows"> & { of: Loaded<T[]> & { more: (() => void) | null }; empty?: ComponentChildren }): JSX.Element {
  const t = useKitTexts();
  return (
    <>
      <Failure problem={of.problem} retry={of.reload} />
      {of.data === undefined ? !of.problem && <Loading lines={6} /> : of.data.length === 0 ? (empty ?? <Empty />) : <Table {...table} rows={of.data} />}
      {of.data && of.data.length > 0 && of.more && (
        <p class="table-more"><span class="soft">{t.shown(number(of.data.length))}</span><Button onPress={of.more} busy={of.loading}>{t.more}</Button></p>
      )}
    </>
  );
}
