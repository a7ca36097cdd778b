/** Which folder each path of a dropped directory is; the server makes those that do not exist. */
import { post } from './server'

/** Paths in one request; the server takes at most a thousand. */
const BATCH = 500

export class Places {
  private readonly known = new Map<string, Promise<string>>()

  constructor(
    readonly folder: string,
    private readonly ask: (paths: string[]) => Promise<Record<string, string>> = (paths) =>
      findFolders(folder, paths),
  ) {
    this.known.set('', Promise.resolve(folder))
  }

  /** Ask for many at once, before each is asked for by itself. */
  prepare(paths: readonly string[]): void {
    const missing = paths.filter((path) => !this.known.has(path))
    for (let start = 0; start < missing.length; start += BATCH) {
      const batch = missing.slice(start, start + BATCH)
      const answer = this.ask(batch)
      for (const path of batch) this.remember(path, answer)
    }
  }

  /** The id of the folder at a path. */
  find(path: string): Promise<string> {
    return this.known.get(path) ?? this.remember(path, this.ask([path]))
  }

  private remember(path: string, answer: Promise<Record<string, string>>): Promise<string> {
    const found = answer.then((folders) => {
      const folder = folders[path]
      if (!folder) throw new Error(`The folder ${path} could not be made.`)
      return folder
    })
    this.known.set(path, found)
    // So that a later attempt asks once more.
    found.catch(() => this.known.delete(path))
    return found
  }
}

async function findFolders(folder: string, paths: string[]): Promise<Record<string, string>> {
  const address = `/api/v1/folders/${folder}/paths/`
  return (await post<{ folders: Record<string, string> }>(address, { paths })).folders
}
