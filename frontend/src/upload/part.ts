/** A part of a panel or form that the server rendered, by its data-part. */
export function part(root: HTMLElement, name: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(`[data-part="${name}"]`)
  if (!found) throw new Error(`The page lacks its part ${name}.`)
  return found
}
