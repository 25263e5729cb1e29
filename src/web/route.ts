import { computed, signal } from '@preact/signals'

/** Where the reader is. Paths, so that every view can be linked to, opened in a tab and printed. */
export type Route =
  | { readonly view: 'programs' }
  | { readonly view: 'overview' | 'radar' | 'blockers' | 'decisions'; readonly program: string }
  | { readonly view: 'checkpoint'; readonly program: string; readonly checkpoint: string }
  | { readonly view: 'stream' | 'options'; readonly program: string; readonly stream: string }
  | { readonly view: 'unknown'; readonly path: string }

const path = signal(location.pathname)

export const route = computed(() => routeOf(path.value))

export function routeOf(pathname: string): Route {
  const [first, program, second, id, fourth, ...rest] = pathname.split('/').filter(Boolean).map(decoded)
  const unknown: Route = { view: 'unknown', path: pathname }
  if (first === undefined) return { view: 'programs' }
  if (first !== 'p' || program === undefined || rest.length > 0) return unknown
  if (second === undefined) return { view: 'overview', program }
  if (id === undefined) return second === 'radar' || second === 'blockers' || second === 'decisions' ? { view: second, program } : unknown
  if (second === 'checkpoints' && fourth === undefined) return { view: 'checkpoint', program, checkpoint: id }
  if (second !== 'streams') return unknown
  if (fourth === undefined) return { view: 'stream', program, stream: id }
  return fourth === 'options' ? { view: 'options', program, stream: id } : unknown
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The path of a view, its parts encoded. */
export const to = (program: string, ...parts: readonly string[]): string => `/${['p', program, ...parts].map(encodeURIComponent).join('/')}`

export function go(href: string): void {
  if (href === location.pathname) return
  history.pushState(null, '', href)
  path.value = location.pathname
  scrollTo(0, 0)
  // A reader who listens hears where they are now.
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
}

addEventListener('popstate', () => (path.value = location.pathname))

/** Links within the dashboard change the view; with a modifier they open as any link does. */
addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  if (link.origin !== location.origin || link.target !== '' || link.hasAttribute('download') || !isView(link.pathname)) return
  event.preventDefault()
  if (link.hash !== '' && link.pathname === location.pathname) {
    const target = document.querySelector<HTMLElement>(link.hash)
    target?.scrollIntoView()
    // From there Tab goes on.
    target?.focus({ preventScroll: true })
    return
  }
  go(link.pathname)
})

const isView = (pathname: string): boolean => pathname === '/' || pathname.startsWith('/p/')
