/**
 * Keeps the table of a folder up to date while a worker reads files: #folder-status asks the server
 * for the counts, and whenever they change the table is fetched anew. It stays as it is while rows
 * are ticked or further pages were loaded.
 */
let signature: string | undefined

export function startRefresh(): void {
  signature = status()?.dataset.signature
  document.addEventListener('htmx:afterSettle', () => {
    const now = status()?.dataset.signature
    if (now === undefined || now === signature) return
    signature = now
    refreshTable()
  })
}

function status(): HTMLElement | null {
  return document.getElementById('folder-status')
}

function refreshTable(): void {
  const list = document.getElementById('items-list')
  // The first file of an empty folder: the table is not there yet.
  if (!list) window.location.reload()
  else if (!list.querySelector('.row-select:checked, [data-appended]')) {
    window.htmx?.trigger(document.body, 'items-changed')
  }
}
