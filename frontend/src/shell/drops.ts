/**
 * Files that are dropped where nothing takes them: the browser would open them in place of the page.
 * Pages that take files listen on the document, and come before.
 */
export function startDrops(): void {
  for (const name of ['dragover', 'drop'] as const) {
    window.addEventListener(name, (event) => {
      const input = event.target instanceof Element && event.target.closest('input[type="file"]')
      if (event.defaultPrevented || input || !event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'none'
    })
  }
}
