/** Writes <time data-relative> as "3 minutes ago", with the full moment as its title. */
import { all, onContent } from '../dom'

const WORDS = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto', style: 'short' })
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium' })
const STEPS: readonly [limit: number, size: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, 'second'],
  [3600, 60, 'minute'],
  [86_400, 3600, 'hour'],
  [7 * 86_400, 86_400, 'day'],
]
const REFRESH_MS = 30_000

export function startTimes(): void {
  onContent(write)
  window.setInterval(() => write(document), REFRESH_MS)
}

/** "now", "3 min ago", "yesterday"; null beyond a week, when a date says more. */
export function relative(moment: Date, now: Date): string | null {
  const seconds = (moment.getTime() - now.getTime()) / 1000
  if (Math.abs(seconds) < 10) return 'now'
  const step = STEPS.find(([limit]) => Math.abs(seconds) < limit)
  return step ? WORDS.format(Math.trunc(seconds / step[1]), step[2]) : null
}

function write(root: ParentNode): void {
  for (const element of all(root, 'time[data-relative]', HTMLTimeElement)) {
    const moment = new Date(element.dateTime)
    if (Number.isNaN(moment.getTime())) continue
    element.title ||= FULL.format(moment)
    const text = relative(moment, new Date())
    if (text && element.textContent !== text) element.textContent = text
  }
}
