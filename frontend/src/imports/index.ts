/**
 * The form of a new import: tells the kind of the file, takes drops, and sends the file in parts
 * before the form goes. Without scripts the form sends the file itself.
 */
import { toast } from '../shell/toasts'
import { detectKind } from './kind'

export function startImports(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-import-form]')
  const input = form?.querySelector<HTMLInputElement>('input[type="file"]')
  if (!form || !input) return
  input.addEventListener('change', () => void chosen(form, input))
  form.addEventListener('submit', (event) => {
    const file = input.files?.[0]
    // What was sent before is named by the hidden field already.
    if (!file || form.dataset.sent !== undefined) return
    event.preventDefault()
    void send(form, input, file)
  })
  acceptDrops(form, input)
}

async function chosen(form: HTMLFormElement, input: HTMLInputElement): Promise<void> {
  const file = input.files?.[0]
  if (!file) return
  const radios = [...form.querySelectorAll<HTMLInputElement>('input[name="kind"]')]
  const kinds = radios.map(({ value, dataset }) => ({
    kind: value,
    suffixes: (dataset.suffixes ?? '').split(' '),
  }))
  const kind = await detectKind(file, kinds)
  const radio = radios.find(({ value }) => value === kind)
  if (radio) radio.checked = true
}

async function send(form: HTMLFormElement, input: HTMLInputElement, file: File): Promise<void> {
  const button = form.querySelector<HTMLElement>('[data-part="check"]')
  button?.setAttribute('aria-busy', 'true')
  try {
    const { sendFile } = await import('./sending')
    const upload = await sendFile(form, file)
    if (!upload) return
    nameUpload(form, upload)
    form.dataset.sent = ''
    // The file is there; it need not travel once more.
    input.disabled = true
    form.submit()
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The file could not be sent.'
    toast(message, 'error')
  } finally {
    if (form.dataset.sent === undefined) button?.removeAttribute('aria-busy')
  }
}

function nameUpload(form: HTMLFormElement, upload: string): void {
  let field = form.querySelector<HTMLInputElement>('input[name="upload"]')
  if (!field) {
    field = document.createElement('input')
    field.type = 'hidden'
    field.name = 'upload'
    form.append(field)
  }
  field.value = upload
}

function acceptDrops(form: HTMLFormElement, input: HTMLInputElement): void {
  const withFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  document.addEventListener('dragover', (event) => {
    if (!withFiles(event)) return
    event.preventDefault()
    form.dataset.dropping = ''
  })
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) delete form.dataset.dropping
  })
  document.addEventListener('drop', (event) => {
    delete form.dataset.dropping
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    const one = new DataTransfer()
    one.items.add(file)
    input.files = one.files
    void chosen(form, input)
  })
}
