import type {
  AccessItem,
  BlockerDocument,
  CheckInItem,
  CheckpointDocument,
  CheckpointHead,
  ChoiceItem,
  DecisionHead,
  EvaluationDocument,
  EvidenceItem,
  EvidenceTaken,
  Job,
  LedgerHead,
  LedgerRecord,
  LinksDocument,
  LiveEvent,
  MatrixDocument,
  OverrideItem,
  PlanDocument,
  ProblemDocument,
  ProgramItem,
  ReplayDocument,
  SignOffItem,
  SnapshotDocument,
  StateDocument,
  StreamDocument,
  StreamHead,
  WaiverItem,
  Written,
} from '#core/api/documents.ts'
import type { CheckReport } from '#core/decide/report.ts'
import type { ForecastReport } from '#core/forecast/report.ts'
import type { Radar } from '#core/merge/radar.ts'
import type { OutboxMessage } from '#core/notify/outbox.ts'
import type { Escalation } from '#core/schedule/history.ts'

/** A list, or one page of it. */
export interface Items<T> {
  readonly items: readonly T[]
  /** Cursor of the next page; absent on the last. */
  readonly next?: string
}

/** What each operation of the API answers with, where that is JSON: the types of the client, and the schemas of `openapi.json`. */
export interface Answers {
  readonly listPrograms: Items<ProgramItem>
  readonly readPlan: PlanDocument
  readonly readState: StateDocument
  readonly listStreams: Items<StreamHead>
  readonly readStream: StreamDocument
  readonly listCheckpoints: Items<CheckpointHead>
  readonly readCheckpoint: CheckpointDocument
  readonly listDecisions: Items<DecisionHead>
  readonly readDecision: CheckReport
  readonly readEvaluation: EvaluationDocument
  readonly readReplay: ReplayDocument
  readonly readSnapshot: SnapshotDocument
  readonly listEvidence: Items<EvidenceItem>
  readonly listAccess: Items<AccessItem>
  readonly listSignOffs: Items<SignOffItem>
  readonly listWaivers: Items<WaiverItem>
  readonly listOverrides: Items<OverrideItem>
  readonly listChoices: Items<ChoiceItem>
  readonly listCheckIns: Items<CheckInItem>
  readonly listBlockers: Items<BlockerDocument>
  readonly readBlocker: BlockerDocument
  readonly listEscalations: Items<Escalation>
  readonly listMatrices: Items<MatrixDocument>
  readonly listDeliveries: Items<OutboxMessage>
  readonly readRadar: Radar
  readonly readForecast: ForecastReport
  readonly readLedger: LedgerHead
  readonly listRecords: Items<LedgerRecord>
  readonly follow: LiveEvent
  readonly readLinks: LinksDocument
  readonly listJobs: Items<Job>
  readonly readJob: Job
  readonly startCheck: Job
  readonly startRadar: Job
  readonly retryDelivery: Written
  readonly pushEvidence: EvidenceTaken
  readonly act: Written
  readonly problem: ProblemDocument
}
