import { afterEach, expect, test, vi } from 'vitest'
import { Places } from './places'
import type { Upload } from './queue'
import { applySidecars, SidecarIndex } from './sidecars'

function upload(name: string, path = '', item: string | null = `item of ${name}`): Upload {
  return {
    file: new File([], name),
    path,
    key: name,
    state: item ? 'done' : 'failed',
    sent: 0,
    error: '',
    retriable: true,
    item,
  }
}

function sidecar(name: string, path = '', content = '{}') {
  return { file: new File([content], name), path }
}

const places = new Places('birds', async (paths) =>
  Object.fromEntries(paths.map((path) => [path, `folder ${path}`])),
)

/** Answers as the server does; every file whose metadata is {"wrong": …} is refused. */
function serve() {
  const sent: { address: string; body: { sidecars: { file: string; item: string | null }[] } }[] =
    []
  vi.stubGlobal('document', { body: { getAttribute: () => null } })
  vi.stubGlobal('fetch', async (address: string, options: { body: string }) => {
    const body = JSON.parse(options.body)
    sent.push({ address, body })
    const sidecars = body.sidecars.map((one: { file: string; metadata: object }) => ({
      file: one.file,
      errors: 'wrong' in one.metadata ? [{ path: 'wrong', message: 'Not a number.' }] : [],
    }))
    return new Response(JSON.stringify({ sidecars }))
  })
  return sent
}

afterEach(() => vi.unstubAllGlobals())

test('finds the image by its name, then by its stem, within its directory', () => {
  const [jpg, png, deep] = [upload('owl.jpg'), upload('wren.png'), upload('owl.jpg', 'night')]
  const index = new SidecarIndex([jpg, png, deep])

  expect(index.find(sidecar('owl.jpg.metadata.json'))).toBe(jpg)
  expect(index.find(sidecar('wren.metadata.json'))).toBe(png)
  expect(index.find(sidecar('owl.metadata.json', 'night'))).toBe(deep)
  expect(index.find(sidecar('wren.metadata.json', 'night'))).toBeNull()
  expect(index.find(sidecar('heron.metadata.json'))).toBeNull()
})

test('leaves what two images share to the server, which will say so', () => {
  const index = new SidecarIndex([upload('owl.jpg'), upload('owl.png')])

  expect(index.find(sidecar('owl.metadata.json'))).toBeNull()
  expect(index.find(sidecar('owl.png.metadata.json'))?.file.name).toBe('owl.png')
})

test('sends each directory to its folder, with the items that are known', async () => {
  const sent = serve()

  const problems = await applySidecars(
    [
      sidecar('owl.jpg.metadata.json'),
      sidecar('old.metadata.json'),
      sidecar('owl.metadata.json', 'night'),
    ],
    [upload('owl.jpg'), upload('owl.jpg', 'night')],
    places,
  )

  expect(problems).toEqual([])
  expect(sent.map(({ address }) => address)).toEqual([
    '/api/v1/folders/birds/sidecars/',
    '/api/v1/folders/folder night/sidecars/',
  ])
  expect(sent[0]?.body.sidecars.map(({ file, item }) => [file, item])).toEqual([
    ['owl.jpg.metadata.json', 'item of owl.jpg'],
    ['old.metadata.json', null],
  ])
})

test('says of each file what is wrong with it', async () => {
  serve()

  const problems = await applySidecars(
    [
      sidecar('a.png.metadata.json', '', '{"wrong": 1}'),
      sidecar('b.png.metadata.json', '', '{'),
      sidecar('c.png.metadata.json'),
      sidecar('d.png.metadata.json'),
    ],
    [upload('a.png'), upload('b.png'), upload('c.png', '', null), upload('d.png')],
    places,
  )

  expect(problems).toEqual([
    { name: 'b.png.metadata.json', message: 'The file holds no valid JSON.' },
    { name: 'c.png.metadata.json', message: 'c.png was not uploaded.' },
    { name: 'a.png.metadata.json', message: 'wrong: Not a number.' },
  ])
})

test('sends many in batches', async () => {
  const sent = serve()
  const names = Array.from({ length: 230 }, (_, n) => `f${n}.png`)

  await applySidecars(
    names.map((name) => sidecar(`${name}.metadata.json`)),
    names.map((name) => upload(name)),
    places,
  )

  expect(sent.map(({ body }) => body.sidecars.length)).toEqual([100, 100, 30])
})
