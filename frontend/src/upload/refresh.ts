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
  if (!list) showTable()
  else if (!list.querySelector('.row-select:checked, [data-appended]')) {
    window.htmx?.trigger(document.body, 'items-changed')
  }
}

/** The first file of an empty folder: take the table from the page, which uploads go on in. */
function showTable(): void {
  const target = document.getElementById('items-area')
  if (!target) return
  void window.htmx?.ajax('GET', window.location.href, {
    target,
    select: '#items-area',
    swap: 'outerHTML',
  })
}
