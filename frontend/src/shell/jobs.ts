/** The jobs drawer: loaded whenever it opens, emptied when it closes so that it stops polling. */
import { place } from './menus'

export function startJobs(): void {
  const drawer = document.getElementById('jobs-drawer')
  const address = drawer?.dataset.fragment
  if (!drawer || !address) return
  const before = [...drawer.childNodes]
  drawer.addEventListener('toggle', (event) => {
    if ((event as ToggleEvent).newState === 'open') void load(drawer, address)
    else drawer.replaceChildren(...before)
  })
}

async function load(drawer: HTMLElement, address: string): Promise<void> {
  await window.htmx?.ajax('GET', address, { target: drawer, swap: 'innerHTML' })
  const button = document.querySelector('[popovertarget="jobs-drawer"]')
  if (button && drawer.matches(':popover-open')) place(drawer, button.getBoundingClientRect())
}
