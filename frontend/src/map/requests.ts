/** Fetches what the map shows. */

/** The server did not give what was asked for; the message is fit for the page. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}

/** Get bytes. */
export async function fetchBytes(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await get(url, '*/*', signal)).arrayBuffer()
}

/** Get JSON. */
export async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  return (await get(url, 'application/json', signal)).json()
}

async function get(url: string, accept: string, signal: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, { signal, headers: { Accept: accept } })
  } catch (error) {
    if (signal.aborted) throw error
    throw new RequestError('The server cannot be reached. Check the connection and try again.')
  }
  if (!response.ok) throw new RequestError(await explain(response))
  return response
}

/** The title and request id that the server's problem document gives. */
async function explain(response: Response): Promise<string> {
  const fallback = `The server answered ${response.status}.`
  try {
    const problem = (await response.json()) as { detail?: unknown; title?: unknown }
    return [problem.detail, problem.title].find((text) => typeof text === 'string') ?? fallback
  } catch {
    return fallback
  }
}
