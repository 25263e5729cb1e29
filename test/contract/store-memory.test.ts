import { openMemory } from '#store/memory.ts'
import { storeContract } from './store.ts'

storeContract('memory', async () => openMemory())
