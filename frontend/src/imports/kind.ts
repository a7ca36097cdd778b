/** Tells what a file holds: from how its name ends, and for JSON from how it begins. */

/** As much as shows the first key of a document, whatever stands before it. */
const PEEK_BYTES = 64 * 1024
const REGISTRATION = /"(images|videos|image_groups|image_sequences)"\s*:/
const METADATA = /"items"\s*:/

export interface Kind {
  kind: string
  suffixes: readonly string[]
}

/** The kind of a file among those that there are; null when none takes it. */
export async function detectKind(file: File, kinds: readonly Kind[]): Promise<string | null> {
  const name = file.name.toLowerCase()
  const fitting = kinds.filter(({ suffixes }) => suffixes.some((suffix) => name.endsWith(suffix)))
  const [only] = fitting
  if (!only) return null
  if (fitting.length === 1) return only.kind
  return among(
    fitting.map(({ kind }) => kind),
    await file.slice(0, PEEK_BYTES).text(),
  )
}

function among(kinds: string[], beginning: string): string | null {
  const items = beginning.search(METADATA)
  const register = beginning.search(REGISTRATION)
  const isMetadata = items >= 0 && (register < 0 || items < register)
  const wanted = isMetadata ? 'metadata' : 'registration'
  return kinds.includes(wanted) ? wanted : (kinds[0] ?? null)
}
