/** Works with what is open, and closes it whatever happens. */
export async function closing<S extends { close(): Promise<void> }, T>(open: S, work: (open: S) => Promise<T>): Promise<T> {
  try {
    return await work(open)
  } finally {
    await open.close()
  }
}
