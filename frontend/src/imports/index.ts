/**
 * The form of a new import: tells the kind of the file, takes drops, and sends the file in parts
 * before the form goes. Without scripts the form sends the file itself.
 */
import { toast } from '../shell/toasts'
import { detectKind } from './kind'

export function startImports(): void {
  const form = document.querySelector<HTMLFormElement>('form[data-import-form]')
  const input = form?.querySelector<HTMLInputElement>('input[name="file"]')
  if (!form || !input) return
  input.addEventListener('change', () => void chosen(form, input))
  form.addEventListener('submit', (event) => {
    // What was sent before is named by hidden fields already.
    const left = unsent(form)
    if (!left.length) return
    event.preventDefault()
    void send(form, left)
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

/** Inputs of files that are still to be sent; those of other kinds than the chosen one stay here. */
function unsent(form: HTMLFormElement): HTMLInputElement[] {
  const inputs = [...form.querySelectorAll<HTMLInputElement>('input[type="file"]')]
  const kind = form.querySelector<HTMLInputElement>('input[name="kind"]:checked')?.value
  return inputs.filter((input) => {
    const section = input.closest<HTMLElement>('[data-kind]')
    const meant = !section || section.dataset.kind === kind
    return meant && !input.disabled && input.files?.length
  })
}

async function send(form: HTMLFormElement, inputs: HTMLInputElement[]): Promise<void> {
  const button = form.querySelector<HTMLElement>('[data-part="check"]')
  button?.setAttribute('aria-busy', 'true')
  try {
    const { sendFile } = await import('./sending')
    for (const input of inputs) {
      const file = input.files?.[0]
      const upload = file && (await sendFile(form, file))
      if (!upload) return
      nameUpload(form, input.name === 'file' ? 'upload' : 'ids_upload', upload)
      // The file is there; it need not travel once more.
      input.disabled = true
    }
    form.submit()
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The file could not be sent.'
    toast(message, 'error')
  } finally {
    if (unsent(form).length) button?.removeAttribute('aria-busy')
  }
}

function nameUpload(form: HTMLFormElement, name: string, upload: string): void {
  let field = form.querySelector<HTMLInputElement>(`input[type="hidden"][name="${name}"]`)
  if (!field) {
    field = document.createElement('input')
    field.type = 'hidden'
    field.name = name
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
    const files = [...(event.dataTransfer?.files ?? [])]
    const [file, beside] = inOrder(files)
    if (!file) return
    event.preventDefault()
    put(input, file)
    void chosen(form, input)
    const ids = form.querySelector<HTMLInputElement>('input[name="ids_file"]')
    if (beside && ids) put(ids, beside)
  })
}

/** Of a matrix and the ids of its rows, dropped together, the matrix comes first. */
function inOrder(files: File[]): File[] {
  const isMatrix = ({ name }: File) => /\.(npy|npz|parquet)$/i.test(name)
  const isIds = (file: File) => !isMatrix(file) || /ids?\b|names?\b/i.test(file.name)
  const matrix = files.find((file) => isMatrix(file) && !isIds(file)) ?? files.find(isMatrix)
  const beside = matrix && files.find((file) => file !== matrix)
  return matrix && beside ? [matrix, beside] : files.slice(0, 1)
}

function put(input: HTMLInputElement, file: File): void {
  const one = new DataTransfer()
  one.items.add(file)
  input.files = one.files
  input.disabled = false
}
