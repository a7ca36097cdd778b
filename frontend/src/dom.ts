/** Small helpers for pages that the server renders. */

/** htmx as far as scripts call it; templates load it before this bundle runs. */
interface Htmx {
  ajax(
    method: string,
    url: string,
    options: {
      target: Element
      swap: string
      select?: string
      values?: Record<string, string>
      headers?: Record<string, string>
    },
  ): Promise<void>
  trigger(target: Element, name: string, detail?: unknown): void
  process(root: Element): void
}

declare global {
  interface Window {
    htmx?: Htmx
  }
}

/** Call the handler for events whose target lies in an element that matches the selector. */
export function on<Name extends keyof DocumentEventMap>(
  name: Name,
  selector: string,
  handler: (element: HTMLElement, event: DocumentEventMap[Name]) => void,
  options: AddEventListenerOptions = {},
): void {
  document.addEventListener(
    name,
    (event) => {
      const target = event.target instanceof Element ? event.target.closest(selector) : null
      if (target instanceof HTMLElement) handler(target, event)
    },
    options,
  )
}

/** Call the function for the page now, and for whatever htmx puts into it later. */
export function onContent(handler: (root: ParentNode) => void): void {
  handler(document)
  document.addEventListener('htmx:load', (event) => {
    if (event.target instanceof Element) handler(event.target)
  })
}

/** Elements of a type that match, the root itself included. */
export function all<Type extends Element>(
  root: ParentNode,
  selector: string,
  type: new () => Type,
): Type[] {
  const found = [...root.querySelectorAll(selector)]
  if (root instanceof Element && root.matches(selector)) found.unshift(root)
  return found.filter((element): element is Type => element instanceof type)
}

/** The token that the server asks for with every change. */
export function csrfToken(): string {
  const headers = document.body.getAttribute('hx-headers')
  if (headers === null) return ''
  return (JSON.parse(headers) as Record<string, string>)['X-CSRFToken'] ?? ''
}
