/** Requests to the REST API, by the session of the page, and what its refusals say. */
import { csrfToken } from '../dom'

export interface FieldProblem {
  path?: string
  message?: string
  code?: string
  found?: string
}

interface Problem {
  detail?: string
  message?: string
  errors?: FieldProblem[]
}

/** The server's refusal, or its silence (status 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors: readonly FieldProblem[] = [],
  ) {
    super(message)
  }

  /** Whether asking once more, unchanged, can help. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** Send JSON, return JSON. */
export async function post<Answer>(address: string, body: unknown): Promise<Answer> {
  let answer: Response
  try {
    answer = await fetch(address, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'X-CSRFToken': csrfToken(),
      },
      body: JSON.stringify(body),
    })
  } catch {
    throw new Refusal(0, 'The connection broke. Check the network and try again.')
  }
  const text = await answer.text()
  if (!answer.ok) throw refusal(answer.status, text)
  return JSON.parse(text) as Answer
}

/** What a refused request says, in words for people. */
export function refusal(status: number, text: string): Refusal {
  if (status === 0) return new Refusal(0, 'The connection broke. Check the network and try again.')
  if (status === 401) return new Refusal(status, 'You are signed out. Sign in again.')
  try {
    const problem = JSON.parse(text) as Problem
    const words = problem.errors?.[0]?.message ?? problem.detail ?? problem.message
    if (words) return new Refusal(status, problem.detail ?? words, problem.errors)
  } catch {
    // Not JSON: a proxy's page, say.
  }
  if (status === 413) return new Refusal(status, 'The file is larger than the server takes.')
  return new Refusal(status, `The server answered with status ${status}. Try again.`)
}
