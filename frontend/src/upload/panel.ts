/** Joins the parts of the upload panel: loaded when the first files come. */
import { Places } from './places'
import { sender } from './send'
import { Session } from './session'
import { UploadView } from './view'

/** Ask the server for the table at most this often while files arrive. */
const REFRESH_MS = 1500

export function openPanel(panel: HTMLElement): Session {
  const { folder = '', uploadUrl = '' } = panel.dataset
  const places = new Places(folder)
  const address = (other: string) => uploadUrl.replace(folder, other)
  const session: Session = new Session(sender({ address, places }), places, (changed) => {
    view.schedule()
    if (changed?.state === 'done' || changed === null) refreshSoon()
  })
  const view = new UploadView(panel, session)
  // Leaving would lose what is not sent yet; large files go on when they are chosen again.
  window.addEventListener('beforeunload', (event) => {
    if (session.busy) event.preventDefault()
  })
  window.addEventListener('online', () => session.queue.retryAll())
  return session
}

let _timer = 0

function refreshSoon(): void {
  _timer ||= window.setTimeout(() => {
    _timer = 0
    window.htmx?.trigger(document.body, 'folder-changed')
    window.htmx?.trigger(document.body, 'jobs-changed')
  }, REFRESH_MS)
}
