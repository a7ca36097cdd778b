/**
 * Sidecar files: metadata of one image in a JSON file beside it, named after the image
 * (owl.jpg.metadata.json) or after its stem (owl.metadata.json). They are applied once the images
 * of the drop are there. Those whose image is not among them are for images that are in the folder
 * already, which the server looks for.
 */
import { SIDECAR } from './choice'
import type { Places } from './places'
import type { Chosen, Upload } from './queue'
import { type FieldProblem, post, Refusal } from './server'

/** Files in one request, and about how many bytes of them. */
const BATCH = 100
const BATCH_BYTES = 4 * 1024 * 1024
/** As the server's limit for the metadata of one item. */
const MAX_BYTES = 10 * 1024 * 1024

export interface SidecarProblem {
  name: string
  message: string
}

interface Ready {
  file: string
  metadata: unknown
  item: string | null
}

interface Outcome {
  file: string
  errors: FieldProblem[]
}

/** The uploads that lie where sidecars look for them: by directory and name, and by stem. */
export class SidecarIndex {
  private readonly names = new Map<string, Upload[]>()
  private readonly stems = new Map<string, Upload[]>()

  constructor(uploads: Iterable<Upload>) {
    for (const upload of uploads) {
      const { name } = upload.file
      push(this.names, `${upload.path}/${name}`, upload)
      push(this.stems, `${upload.path}/${name.replace(/\.[^.]*$/, '')}`, upload)
    }
  }

  /** The upload that a sidecar belongs to; null when none does, or more than one. */
  find(sidecar: Chosen): Upload | null {
    const key = `${sidecar.path}/${sidecar.file.name.slice(0, -SIDECAR.length)}`
    const found = this.names.get(key) ?? this.stems.get(key) ?? []
    return found.length === 1 ? (found[0] ?? null) : null
  }
}

/**
 * Apply sidecar files to the items of the uploads.
 *
 * @returns what went wrong, by file; the others were applied
 */
export async function applySidecars(
  sidecars: readonly Chosen[],
  uploads: Iterable<Upload>,
  places: Places,
): Promise<SidecarProblem[]> {
  const index = new SidecarIndex(uploads)
  const problems: SidecarProblem[] = []
  const byPath = new Map<string, Chosen[]>()
  for (const sidecar of sidecars) push(byPath, sidecar.path, sidecar)
  for (const [path, files] of byPath) {
    for await (const batch of batches(files, index, problems)) {
      problems.push(...(await send(batch, path, places)))
    }
  }
  return problems
}

async function* batches(
  files: readonly Chosen[],
  index: SidecarIndex,
  problems: SidecarProblem[],
): AsyncGenerator<Ready[]> {
  let batch: Ready[] = []
  let bytes = 0
  for (const sidecar of files) {
    const upload = index.find(sidecar)
    const name = sidecar.file.name
    if (upload && upload.item === null) {
      problems.push({ name, message: `${upload.file.name} was not uploaded.` })
      continue
    }
    try {
      batch.push({ file: name, metadata: await read(sidecar.file), item: upload?.item ?? null })
      bytes += sidecar.file.size
    } catch (error) {
      problems.push({ name, message: error instanceof Error ? error.message : String(error) })
    }
    if (batch.length >= BATCH || bytes >= BATCH_BYTES) {
      yield batch
      batch = []
      bytes = 0
    }
  }
  if (batch.length > 0) yield batch
}

async function read(file: File): Promise<unknown> {
  if (file.size > MAX_BYTES) throw new Error('The file is larger than 10 MB.')
  const text = await file.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('The file holds no valid JSON.')
  }
}

async function send(batch: Ready[], path: string, places: Places): Promise<SidecarProblem[]> {
  try {
    const folder = await places.find(path)
    const address = `/api/v1/folders/${folder}/sidecars/`
    const answer = await post<{ sidecars: Outcome[] }>(address, { sidecars: batch })
    return answer.sidecars
      .filter(({ errors }) => errors.length > 0)
      .map(({ file, errors }) => ({ name: file, message: errors.map(sentence).join(' ') }))
  } catch (error) {
    const message = error instanceof Refusal ? error.message : 'The connection broke.'
    return batch.map(({ file }) => ({ name: file, message }))
  }
}

function sentence({ path, message }: FieldProblem): string {
  const named = path && path !== 'item' && path !== 'id'
  return named ? `${path}: ${message ?? ''}` : (message ?? '')
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const there = map.get(key)
  if (there) there.push(value)
  else map.set(key, [value])
}
