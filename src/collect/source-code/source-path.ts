/**
 * What a path in a report may mean within the repository: itself when it is relative. An absolute
 * one was written on some machine, in some checkout, so that any ending of it may be the one.
 */
export function endingsOf(path: string): readonly string[] {
  const plain = path.replaceAll('\\', '/')
  if (!plain.startsWith('/') && !/^[A-Za-z]:\//.test(plain)) return [plain]
  const parts = plain.split('/').slice(1, MAX_PARTS)
  return parts.map((_, index) => parts.slice(index).join('/'))
}

const MAX_PARTS = 100
