/** Forms with data-report: sends them in place and shows the JSON report that comes back. */
import { csrfToken, on } from '../dom'

interface Report {
  items?: number
  frames?: number
  vectors?: Record<string, number>
  stored_as_text?: Record<string, number>
}

interface Problem {
  detail?: string
  errors?: { path?: string; message?: string }[]
}

/** More errors than this are counted, not listed. */
const SHOWN_ERRORS = 20

export function startReports(): void {
  on('submit', 'form[data-report]', (form, event) => {
    if (!(form instanceof HTMLFormElement)) return
    event.preventDefault()
    void send(form, event.submitter)
  })
}

async function send(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const place = form.querySelector<HTMLElement>('[data-part="report"]')
  if (!place) return
  button?.setAttribute('aria-busy', 'true')
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      body: new FormData(form),
      headers: { Accept: 'application/json', 'X-CSRFToken': csrfToken() },
    })
    const data: unknown = await answer.json().catch(() => ({}))
    place.replaceChildren(
      answer.ok ? success(data as Report) : failure(data as Problem, answer.status),
    )
    if (answer.ok) finished(form)
  } catch {
    place.replaceChildren(failure({ detail: 'The connection broke. Nothing was changed.' }, 0))
  } finally {
    button?.removeAttribute('aria-busy')
    place.scrollIntoView({ block: 'nearest' })
  }
}

function finished(form: HTMLFormElement): void {
  form.closest('dialog')?.removeAttribute('data-changed')
  window.htmx?.trigger(document.body, 'folder-changed')
  window.htmx?.trigger(document.body, 'items-changed')
}

function success(report: Report): HTMLElement {
  const lines = Object.entries(report.vectors ?? {}).map(
    ([key, count]) => `${number(count, 'vector')} under ${key}`,
  )
  const texts = Object.entries(report.stored_as_text ?? {}).map(
    ([key, count]) =>
      `${number(count, 'list')} of numbers under ${key} stored as text, because the schema has no such embedding key`,
  )
  const head = `${number(report.items ?? 0, 'item')} read${lines.length ? '' : ', no vector among them'}.`
  return notice(texts.length || !lines.length ? 'warn' : 'good', head, [...lines, ...texts])
}

function failure(problem: Problem, status: number): HTMLElement {
  const errors = problem.errors ?? []
  const lines = errors
    .slice(0, SHOWN_ERRORS)
    .map(({ path, message }) => (path ? `${path}: ${message ?? ''}` : (message ?? '')))
  if (errors.length > SHOWN_ERRORS)
    lines.push(`${number(errors.length - SHOWN_ERRORS, 'more error')}`)
  return notice('bad', problem.detail ?? `The server answered with status ${status}.`, lines)
}

function notice(level: 'good' | 'warn' | 'bad', head: string, lines: string[]): HTMLElement {
  const made = document.createElement('div')
  made.className = `notice notice-${level}`
  const text = document.createElement('div')
  const first = document.createElement('p')
  first.textContent = head
  const list = document.createElement('ul')
  for (const line of lines) {
    const item = document.createElement('li')
    item.textContent = line
    list.append(item)
  }
  text.append(first, list)
  made.append(text)
  return made
}

function number(value: number, noun: string): string {
  return `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`
}
