import { loadReport } from '#collect/report-registry.ts'
import { serveJobs } from './serve.ts'

serveJobs(loadReport)
