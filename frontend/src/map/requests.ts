/** Fetches what the map shows. */

/** The server did not give what was asked for; the message is fit for the page. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The code of the problem document, as `map_changed`. */
  readonly code: string

  constructor(message: string, code = '') {
    super(message)
    this.code = code
  }
}

/** Get bytes; JSON is what a refusal comes as. */
export async function fetchBytes(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await get(url, 'application/json, */*', signal)).arrayBuffer()
}

/** Get JSON. */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  return (await get(url, 'application/json', signal)).json()
}

/** Get an answer whose headers matter. */
export async function getResponse(
  url: string,
  accept: string,
  signal: AbortSignal,
): Promise<Response> {
  return get(url, accept, signal)
}

async function get(url: string, accept: string, signal: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { signal, headers: { Accept: accept } })
  } catch (error) {
    if (signal.aborted) throw error
    throw new RequestError('The server cannot be reached. Check the connection and try again.')
  }
  if (!response.ok) throw await problem(response)
  return response
}

/** What the server's problem document says. */
async function problem(response: Response): Promise<RequestError> {
  const fallback = `The server answered ${response.status}.`
  try {
    const { detail, title, code } = (await response.json()) as Record<string, unknown>
    const message = [detail, title].find((text) => typeof text === 'string') ?? fallback
    return new RequestError(String(message), typeof code === 'string' ? code : '')
  } catch {
    return new RequestError(fallback)
  }
}
