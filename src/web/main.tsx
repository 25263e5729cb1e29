import { render } from 'preact'
import { App } from './app.tsx'
import { startLive } from './live.ts'
import { loadSession } from './session.ts'

const root = document.querySelector('#app')
if (root) {
  void loadSession()
  startLive()
  render(<App />, root)
}
