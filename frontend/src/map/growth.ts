/** Asks now and then whether a map has changed, while somebody looks at it. */

/** Between two questions, in milliseconds. */
const PAUSE = 5_000

/** Call `ask` every few seconds while the page is seen, one call at a time, until the signal. */
export function watchGrowth(ask: () => Promise<void>, signal: AbortSignal): void {
  let timer = 0
  const next = (): void => {
    timer = window.setTimeout(() => {
      const asked = document.hidden ? Promise.resolve() : ask()
      void asked.finally(() => {
        if (!signal.aborted) next()
      })
    }, PAUSE)
  }
  next()
  signal.addEventListener('abort', () => window.clearTimeout(timer))
}
