/** The choice to keep the uploaded images as one group or sequence. */
import type { WholeKind } from './groups'
import { part } from './part'
import type { Totals } from './queue'
import type { Session } from './session'

export class BatchForm {
  private readonly form: HTMLFormElement
  private readonly kind: HTMLSelectElement
  private readonly name: HTMLInputElement

  constructor(
    panel: HTMLElement,
    private readonly session: Session,
  ) {
    this.form = part(panel, 'batch') as HTMLFormElement
    this.kind = part(panel, 'batch-kind') as HTMLSelectElement
    this.name = part(panel, 'batch-name') as HTMLInputElement
    this.form.addEventListener('submit', (event) => {
      event.preventDefault()
      const kind = this.kind.value
      if (isWhole(kind)) session.group({ kind, name: this.name.value.trim() })
    })
    this.kind.addEventListener('change', () => {
      if (!isWhole(this.kind.value)) session.wish = null
      this.draw(session.queue.totals())
      if (!this.name.hidden) this.name.focus()
    })
  }

  draw(totals: Totals): void {
    const { images, folders } = this.session.groupable
    const { wish, step } = this.session
    // Something has to be named by a group: one image is none.
    this.form.hidden = (images < 2 && !wish) || step !== ''
    const chosen = isWhole(this.kind.value)
    const many = folders > 1
    this.name.hidden = !chosen || many
    this.name.required = chosen && !many
    const make = part(this.form, 'batch-make')
    make.hidden = !chosen || wish !== null
    part(this.form, 'batch-hint').textContent = this.hint(chosen, folders, totals)
  }

  private hint(chosen: boolean, folders: number, totals: Totals): string {
    if (!chosen) return ''
    if (this.session.wish) return totals.active ? 'Made when all files are uploaded.' : ''
    return folders > 1 ? `One for each of the ${folders.toLocaleString('en')} folders.` : ''
  }
}

function isWhole(kind: string): kind is WholeKind {
  return kind === 'image_group' || kind === 'image_sequence'
}
