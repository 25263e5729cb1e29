const PROGRAM = '/api/programs/{program}'

/** What is read as JSON: the operation and its path. Each has an ETag. */
export const READS = {
  listPrograms: '/api/programs',
  readPlan: PROGRAM,
  readState: `${PROGRAM}/state`,
  listStreams: `${PROGRAM}/streams`,
  readStream: `${PROGRAM}/streams/{stream}`,
  listCheckpoints: `${PROGRAM}/checkpoints`,
  readCheckpoint: `${PROGRAM}/checkpoints/{checkpoint}`,
  listDecisions: `${PROGRAM}/decisions`,
  readDecision: `${PROGRAM}/decisions/{decision}`,
  readEvaluation: `${PROGRAM}/decisions/{decision}/evaluation`,
  readReplay: `${PROGRAM}/decisions/{decision}/replay`,
  readSnapshot: `${PROGRAM}/decisions/{decision}/evidence`,
  listEvidence: `${PROGRAM}/evidence`,
  listAccess: `${PROGRAM}/access`,
  listSignOffs: `${PROGRAM}/sign-offs`,
  listWaivers: `${PROGRAM}/waivers`,
  listOverrides: `${PROGRAM}/overrides`,
  listChoices: `${PROGRAM}/choices`,
  listCheckIns: `${PROGRAM}/check-ins`,
  listBlockers: `${PROGRAM}/blockers`,
  readBlocker: `${PROGRAM}/blockers/{blocker}`,
  listEscalations: `${PROGRAM}/escalations`,
  listMatrices: `${PROGRAM}/matrices`,
  listDeliveries: `${PROGRAM}/deliveries`,
  readRadar: `${PROGRAM}/radar`,
  readForecast: `${PROGRAM}/forecast`,
  readLedger: `${PROGRAM}/ledger`,
  listRecords: `${PROGRAM}/ledger/records`,
  readLinks: `${PROGRAM}/links`,
  listJobs: `${PROGRAM}/jobs`,
  readJob: `${PROGRAM}/jobs/{job}`,
} as const

/** What is written beside the acts. */
export const WRITES = {
  startCheck: `${PROGRAM}/checkpoints/{checkpoint}/checks`,
  startRadar: `${PROGRAM}/radar/looks`,
  retryDelivery: `${PROGRAM}/deliveries/{message}/retry`,
  pushEvidence: `${PROGRAM}/evidence`,
} as const

export const ACT_PATH = `${PROGRAM}/acts/{act}`
export const EVENTS_PATH = `${PROGRAM}/events`

export type ReadName = keyof typeof READS
export type WriteName = keyof typeof WRITES

/** Names in braces. */
export type Parameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | Parameters<Rest> : never

/** A path with its parameters in place, each encoded. */
export const fillPath = (path: string, parameters: Readonly<Record<string, string>>): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
