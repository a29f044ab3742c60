/** Without this mark, spreadsheets read the file in an older encoding than UTF-8. */
const byteOrderMark = '\uFEFF';

/** Offers a text to the browser as a download. Its URL works only in this tab. */
export function saveCsv(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([byteOrderMark, text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name}-${new Date().toISOString().slice(0, 10)}.csv`;
  link.click();
  // The browser reads the text only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
