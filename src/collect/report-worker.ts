import { loadReport } from './report-registry.ts'
import { serveJobs } from './report-serve.ts'

serveJobs(loadReport)
