import { bare } from '#core/plan/read/text.ts'

/** What the entries of a list, or the lines under a label, are. */
export type ListKind =
  | 'acceptance'
  | 'success'
  | 'go-no-go'
  | 'quick check'
  | 'deliverables'
  | 'files'
  | 'hot files'
  | 'depends'
  | 'unblocks'
  | 'integration'
  | 'contracts'
  | 'attendees'
  | 'agenda'
  | 'topics'
  | 'go'
  | 'no-go'
  | 'people'
  | 'sign-off'
  | 'options'
  | 'immediate'
  | 'tree'
  | 'milestones'
  | 'syncs'
  | 'escalation'
  | 'templates'
  | 'reports'
  | 'prose'

/** Lists whose entries are conditions. */
export const CRITERIA_LISTS: ReadonlySet<ListKind> = new Set(['acceptance', 'success', 'go-no-go', 'quick check'])

export type FieldKind =
  | 'lead'
  | 'support'
  | 'reviewers'
  | 'branch'
  | 'files'
  | 'hot files'
  | 'depends'
  | 'unblocks'
  | 'integration'
  | 'duration'
  | 'time'
  | 'date'
  | 'attendees'
  | 'agenda'
  | 'format'
  | 'topics'
  | 'question'
  | 'go'
  | 'no-go'
  | 'sign-off'
  | 'target'
  | 'zone'
  | 'hours'
  | 'work days'
  | 'recommendation'
  | 'escalate'
  | 'pros'
  | 'cons'
  | 'never'
  | 'id'
  | 'program'
  | 'repository'
  | 'name'
  | 'holidays'
  | 'deliverable'
  | 'contracts'
  | 'cross'
  | 'immediate'
  | 'health'
  | 'title'

const FIELDS: ReadonlyMap<string, FieldKind> = new Map(
  Object.entries({
    lead: 'lead|leads|owner|owners|primary lead|primary owner|primary|lead agent|assignee|assigned|assigned to|agent|agents|responsible|dri|driver|stream lead|tech lead|verantwortlich|leitung|zuständig|responsable|responsables|líder|lider|encargado|encargada|asignado a|负责人|负责|主负责人|所有者|responsável|担当|担当者',
    support: 'support|supporting|helpers|backup|secondary|secondary owner|unterstützung|apoyo|soporte|支持|协助',
    reviewers: 'reviewer|reviewers|review|reviewed by|code review|prüfer|reviewer innen|revisor|revisores|revisa|评审人|审核人',
    branch: 'branch|git branch|feature branch|working branch|future branch|planned branch|rama|zweig|分支|ブランチ',
    files:
      'files|files owned|owned files|file ownership|exclusive files|owns|paths|path|directories|directory|scope of files|files to modify|files you own|key files|territory|working directory|dateien|exklusive dateien|archivos|archivos exclusivos|arquivos|arquivos de trabalho|文件|独占文件|负责文件|ファイル',
    'hot files': 'hot files|shared files|conflict files|conflict zones|gemeinsame dateien|archivos compartidos|共享文件',
    depends:
      'depends on|dependencies|dependency|requires|blocked by|prerequisites|prerequisite|needs|waits for|abhängigkeiten|abhängig von|hängt ab von|depende de|dependencias|requiere|dependências|依赖|依赖项|前置条件|依存|依存関係',
    unblocks: 'unblocks|blocks|enables|required by|ermöglicht|desbloquea|解锁',
    integration:
      'integration points|integration point|interfaces|integrates with|touchpoints|integrationspunkte|schnittstellen|puntos de integración|集成点',
    contracts: 'contracts|contracts owned|contracts consumed|provides|exposes|consumes|api contract',
    duration: 'duration|length|timebox|dauer|duración|时长',
    time: 'meeting time|time|start time|meeting|uhrzeit|zeit|hora|时间',
    date: 'date|when|due|due date|deadline|target date|eta|datum|termin|fällig|fecha|fecha límite|vence|日期|截止日期|截止',
    attendees: 'attendees|participants|who|invitees|required attendees|teilnehmer|asistentes|participantes|参与者|参会人',
    agenda: 'agenda|meeting format|tagesordnung|orden del día|议程',
    format: 'format|formato|channel|形式',
    topics: 'topics|focus areas|focus|themen|temas|主题|议题',
    question: 'decision|question|decision to take|entscheidung|decisión|决策',
    go: 'go|if go|if all true|on go|→ go|action|actions|action on go',
    'no-go': 'no-go|no go|nogo|if no-go|if any false|on no-go|nein',
    'sign-off':
      'sign-off|sign off|signoff|approvals|approval|approvers|required approvals|signatures|freigabe|unterschriften|aprobación|aprobaciones|签字|批准',
    target: 'target branch|merge target|base branch|integration branch|merges into|zielbranch|rama destino|目标分支',
    zone: 'time zone|timezone|zone|zeitzone|zona horaria|时区',
    hours: 'working hours|hours|business hours|arbeitszeit|horario|工作时间',
    'work days': 'work days|working days|arbeitstage|días laborables|工作日',
    holidays: 'holidays|feiertage|festivos|节假日',
    recommendation: 'recommendation|recommended|recommend|empfehlung|recomendación|建议|推荐',
    escalate: 'escalate to|escalation|escalates to|eskalation an|escalar a|升级到',
    pros: 'pros|pro|advantages|vorteile|ventajas|优点',
    cons: 'cons|con|disadvantages|nachteile|desventajas|contras|缺点',
    never: 'never|niemals|nunca',
    id: 'id',
    name: 'name',
    title: 'title',
    program: 'program',
    repository: 'repository|repo',
    deliverable: 'deliverable|lieferung|entregable|交付物|goal|mission|objective|task|scope|ziel|aufgabe|objetivo|tarea|tarefa|目标|タスク',
    cross: 'cross-stream dependencies|cross-track dependencies|cross-team dependencies',
    immediate: 'immediate actions',
    health: 'health',
  } satisfies Record<FieldKind, string>).flatMap(([kind, words]) => words.split('|').map((word) => [word, kind as FieldKind] as const)),
)

export interface Field {
  readonly kind: FieldKind
  readonly key: string
  readonly value: string
}

/** `Lead: x` -> kind, key and value; undefined when the word before the colon is no field. */
export function readField(text: string): Field | undefined {
  const at = text.search(/[:：]/)
  if (at < 1 || at > 48) return undefined
  const key = bare(text.slice(0, at))
    .toLowerCase()
    .replace(/\s*\([^()]*\)$/, '')
    .trim()
  const value = text.slice(at + 1).trim()
  // `Status: BLOCKED on WS-2` names what is waited for.
  const blocked = /^(?:status|state)$/.test(key) ? /^\P{L}{0,4}blocked (?:on|by)\s+(.+)$/iu.exec(value)?.[1] : undefined
  if (blocked !== undefined) return { kind: 'depends', key, value: blocked }
  const kind = FIELDS.get(key)
  return kind && { kind, key, value }
}

const LISTS: readonly (readonly [ListKind, RegExp])[] = [
  ['templates', /communication templates?|message templates?|nachrichtenvorlagen|plantillas? de|消息模板/i],
  ['reports', /checkpoint artifacts|report (?:forms?|templates?)|artifacts|berichtsvorlagen|informes|报告模板/i],
  ['escalation', /escalation (?:matrix|path|table|procedure|polic)|eskalation|escalaci[oó]n|escalamiento|升级(?:矩阵|路径)/i],
  [
    'syncs',
    /daily sync|synchroni[sz]ation \(|\bstand-?ups?\b|recurring|cadence|daily rhythm|regeltermine|tägliche|reuniones diarias|diaria|每日(?:同步|站会)/i,
  ],
  ['tree', /decision tree|entscheidungsbaum|árbol de decisi[oó]n|决策树/i],
  ['agenda', /meeting format|^agenda\b|tagesordnung|orden del día|议程/i],
  [
    'go-no-go',
    /go\s?\/\s?no-?\s?go|merge decision criteria|decision criteria|all of these must|launch criteria|freigabekriterien|criterios? de (?:decisi[oó]n|fusi[oó]n)|上线标准|发布标准/i,
  ],
  [
    'success',
    /success (?:metrics|criteria)|definition of done|erfolgskriterien|criterios de éxito|métricas de éxito|critérios de sucesso|成功(?:标准|指标)/i,
  ],
  ['quick check', /quick check|status check|kurzprüfung/i],
  ['no-go', /^if any (?:are )?false|^no-?go\b(?! criteria)|^if (?:any|no-go)|^rollback triggers/i],
  ['go', /^if all (?:are )?true|^if go\b|^on go\b|^go:?$/i],
  [
    'deliverables',
    /deliverables?|\btasks?\b|work items?|to-?dos?\b|responsibilit|aufgaben|lieferungen|lieferobjekte|ergebnisse|entregables?|tareas|responsabilidades|entregáveis|tarefas|交付物|任务|职责|成果物|^タスク(?:一覧)?$/i,
  ],
  [
    'acceptance',
    /acceptance|criteria|verification|final checks?|checklist|exit conditions|requirements|quality gates?|validation|abnahme|kriterien|prüfung|criterios?|critérios?|verificaci[oó]n|lista de control|验收|标准|检查(?:清单|项)/i,
  ],
  [
    'hot files',
    /hot files|shared files|conflict (?:zones|files)|files? (?:at risk|conflicts?)|gemeinsame dateien|archivos compartidos|共享文件/i,
  ],
  ['files', /(?:exclusive |owned )?files?\b|file ownership|\bpaths\b|dateien|archivos|arquivos|文件|ファイル/i],
  ['integration', /integration points?|schnittstellen|integrationspunkte|puntos de integraci[oó]n|集成点/i],
  ['contracts', /contracts?\b|interfaces\b/i],
  ['depends', /dependenc|depends on|prerequisites?|abhängigkeit|dependencias|dependências|依赖|依存/i],
  ['sign-off', /sign-?\s?offs?\b|approvals?\b|signatures|freigaben|unterschriften|aprobaciones|签字|批准/i],
  ['attendees', /attendees|participants|teilnehmer|asistentes|参与者/i],
  ['people', /\bteam\b|\broles?\b|people|team members|rollen|beteiligte|equipo|personas|团队|人员|角色/i],
  ['topics', /topics|focus areas?|discussion|meeting:?$|themen|temas|主题|议题/i],
  [
    'milestones',
    /milestones?\b|timeline|schedule\b|\bcheckpoints\b|calendar|zeitplan|meilensteine|termine|cronograma|hitos|calendario|里程碑|时间表|检查点/i,
  ],
  ['options', /^options\b|^outcomes\b|^alternatives\b|^optionen|^opciones|选项/i],
  ['immediate', /immediate actions|sofortma(?:ß|ss)nahmen|acciones inmediatas/i],
]

/** What a heading or label says about the entries under it. */
export const listOf = (text: string): ListKind | undefined =>
  text.length > 120 ? undefined : LISTS.find(([, pattern]) => pattern.test(bare(text)))?.[0]

const UNIT_WORDS: Readonly<Record<string, string>> = {
  stream: 'stream',
  workstream: 'workstream',
  'work stream': 'workstream',
  track: 'track',
  session: 'session',
  terminal: 'terminal',
  agent: 'agent',
  wave: 'wave',
  level: 'level',
  lane: 'lane',
  group: 'group',
  team: 'team',
  worker: 'worker',
  squad: 'squad',
  pod: 'pod',
  instance: 'instance',
  'work package': 'package',
  epic: 'epic',
  strang: 'strang',
  arbeitsstrang: 'strang',
  teilprojekt: 'teilprojekt',
  arbeitspaket: 'paket',
  gruppe: 'gruppe',
  spur: 'spur',
  welle: 'welle',
  sitzung: 'sitzung',
  flujo: 'flujo',
  corriente: 'corriente',
  'línea de trabajo': 'linea',
  línea: 'linea',
  frente: 'frente',
  pista: 'pista',
  grupo: 'grupo',
  equipo: 'equipo',
  agente: 'agente',
  sesión: 'sesion',
  ola: 'ola',
  工作流: 'stream',
  任务流: 'stream',
  会话: 'session',
  终端: 'terminal',
  小组: 'group',
  轨道: 'track',
  代理: 'agent',
  泳道: 'lane',
  智能体: 'agent',
}
const WORD_LIST = Object.keys(UNIT_WORDS)
  .toSorted((a, b) => b.length - a.length)
  .join('|')
const UNIT_START = new RegExp(String.raw`^(${WORD_LIST})s?\s?(?:#|№|no\.\s?)?\s?`, 'iu')
const UNIT_ID =
  /^(?:[A-Z]{1,4}[-_]?\d{1,3}|\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z]\d?|[IVX]{1,4}|Alpha|Beta|Gamma|Delta|Epsilon|Zeta|Eins|Zwei|Drei|Uno|Dos|Tres|One|Two|Three|Four)(?![\p{sc=Latn}\d_])/u
/** `Agent1`: the number follows the word at once, and no path or identifier goes on behind it. */
const TIGHT = /^\p{Lu}\p{L}+\d{1,3}(?![\p{L}\d_./-])/u
const CJK_ID = /^(?:[一二三四五六七八九十]|[甲乙丙丁])/u
const SLUG_ID = /^([a-z0-9][A-Za-z0-9._-]{0,47})(?=:)/
const CODE_ID = /^((?:WS|ST|TR|WP|AP)[-_ ]?\d{1,3}(?:\.\d{1,3})?)(?![\p{L}\d])/u
const NAMED = /^(.{2,40}?)\s+(stream|workstream|track|lane|agent|squad)$/iu
const NO_NAME =
  /\b(?:per|each|parallel|cross|all|the|next|how|every|about|primary|lead|single|multi|across|by|and|of|to|in|sub|main|critical|status|new|work|other|any|which|ai)\b/i
const BARE_NAME = /^\p{Lu}/u

export interface UnitMention {
  readonly word: string
  /** `A`, `1`, `WS-01`, `psi`. */
  readonly id: string
  /** What stands behind it. */
  readonly rest: string
  /** Length of what was read: word and id. */
  readonly length: number
}

/**
 * A unit of work named at the beginning of a text: `Stream A`, `Workstream 3.2`, `WS-01`,
 * `Terminal 1`, `Strang B`, `会话 1`. In a heading also `Track backend:` and `Backend Track`.
 */
export function readUnit(text: string, heading = false): UnitMention | undefined {
  const clean = bare(text)
  const offset = text.length - clean.length
  const code = CODE_ID.exec(clean)
  if (code?.[1] !== undefined)
    return { word: 'workstream', id: code[1], rest: clean.slice(code[0].length), length: offset + code[0].length }
  const start = UNIT_START.exec(clean)
  if (start) {
    const after = clean.slice(start[0].length)
    const spaced = /\s$/.test(start[0]) || /[#\u4e00-\u9fff]\s?$/u.test(start[0]) || TIGHT.test(clean)
    const word = UNIT_WORDS[(start[1] ?? '').toLowerCase()] ?? 'stream'
    const id = spaced ? (UNIT_ID.exec(after)?.[0] ?? CJK_ID.exec(after)?.[0]) : undefined
    if (id !== undefined) return { word, id, rest: after.slice(id.length), length: offset + start[0].length + id.length }
    const named = heading && spaced ? SLUG_ID.exec(after)?.[1] : undefined
    if (named !== undefined) return { word, id: named, rest: after.slice(named.length), length: offset + start[0].length + named.length }
  }
  const last = heading ? NAMED.exec(clean.replace(/\s*[:：]$/, '').replace(/\s*\([^()]*\)$/, '')) : null
  if (last?.[1] !== undefined && BARE_NAME.test(last[1]) && !NO_NAME.test(last[1]))
    return { word: (last[2] ?? 'stream').toLowerCase(), id: last[1], rest: clean.slice(last[0].length), length: text.length }
  return undefined
}

/** The word for units that a table header is, in the form that ids are made of; undefined when it is none. */
export function unitWord(text: string): string | undefined {
  const word = bare(text).toLowerCase()
  if (word === 'ws') return 'workstream'
  const found = [word.replace(/s$/, ''), word].find((one) => Object.hasOwn(UNIT_WORDS, one))
  return found === undefined ? undefined : UNIT_WORDS[found]
}

/** Words that group units rather than do work themselves. */
export const GROUPING: ReadonlySet<string> = new Set(['wave', 'level', 'group', 'welle', 'ola', 'gruppe', 'grupo'])

const ROLES: readonly (readonly [string, RegExp])[] = [
  [
    'phase-lead',
    /phase lead|program(?:me)? (?:lead|manager|owner)|project (?:lead|manager)|delivery lead|release (?:lead|manager)|coordinator|orchestrator|koordinat|projektleit|gesamtleitung|jefe de proyecto|coordinador|director|项目经理|协调|总负责/i,
  ],
  ['architect', /architect|architekt|arquitect|架构/i],
  ['security', /security|sicherheit|seguridad|安全/i],
  ['quality', /\bqa\b|quality|test lead|tester|qualität|calidad|质量|测试负责/i],
  ['scribe', /scribe|tech(?:nical)? writer|documentation lead|protokoll|documentaci[oó]n|文档/i],
  ['operations', /\bops\b|devops|\bsre\b|operations|betrieb|operaciones|运维/i],
  ['product', /product (?:owner|manager|lead)|produktverantwort|producto|产品/i],
  ['engineering', /engineering (?:lead|manager)|tech lead|cto\b|entwicklungsleit|技术负责/i],
  ['performance', /performance/i],
  ['stakeholder', /sponsor|stakeholder|auftraggeber|patrocinador/i],
]

/** The role that words speak of; undefined when they speak of none. */
export const roleOf = (text: string): string | undefined => ROLES.find(([, pattern]) => pattern.test(text))?.[0]

const NOBODY =
  /^(?:tbd|tba|n\/?a|none|nobody|unassigned|open|offen|niemand|keine[rs]?|ninguno|nadie|待定|无|[-–—?_.\s[\]…]*|\[[^\]]*\]|name|x{2,})$/i
export const isNobody = (text: string): boolean => NOBODY.test(text.trim())

export const isNothing = (text: string): boolean =>
  /^(?:none\b|no dependenc|nothing|n\/a|keine\b|ninguna?\b|sin depend|无(?:$|依赖)|[-–—]$|can start immediately)/i.test(bare(text))

const CHECKPOINT_WORDS =
  'checkpoints?|milestones?|gates?|sync points?|integration points?|meilensteine?|kontrollpunkte?|prüfpunkte?|hitos?|punto de control|检查点|里程碑|关口'
const CHECKPOINT = new RegExp(
  String.raw`(?<![\p{sc=Latn}])(?:${CHECKPOINT_WORDS}|review|demo|go\s?\/\s?no-?go|freeze|release|launch|retro(?:spective)?|kickoff|merge|sync|reunión|treffen|abnahme|评审|发布)(?![\p{sc=Latn}])`,
  'iu',
)
const NUMBERED = new RegExp(
  String.raw`^(?:${CHECKPOINT_WORDS})\s*(?:#|№)?\s*(?:[A-Z]{0,2}\d{1,3}(?:\.\d+)?|[A-Z](?![\p{L}])|[一二三四五六七八九十])`,
  'iu',
)

export const isCheckpointWord = (text: string): boolean => CHECKPOINT.test(text)

const MEETING = new RegExp(String.raw`(?<![\p{sc=Latn}])(?:${CHECKPOINT_WORDS}|go\s?\/\s?no-?go)(?![\p{sc=Latn}])`, 'iu')
/** Narrower: words that a phase of the work does not have. */
export const isMeetingWord = (text: string): boolean => MEETING.test(text)

/** `Checkpoint 2`, `Gate A`, `Meilenstein 1`: the words read. */
export function numberedCheckpoint(text: string): string | undefined {
  const match = NUMBERED.exec(bare(text))
  return match && !/^[a-z]$/.test(match[0].slice(-1)) ? match[0] : undefined
}

const HEALTH: readonly (readonly ['AHEAD' | 'BEHIND' | 'BLOCKED', RegExp])[] = [
  ['BLOCKED', /block(?:er|ed)|blockier|bloque|阻塞/i],
  ['BEHIND', /behind|late\b|delay|im rückstand|verzug|atras|retras|落后|延迟/i],
  ['AHEAD', /ahead|early|voraus|adelant|提前/i],
]

/** The situation a decision matrix is for. */
export const healthOf = (text: string): 'AHEAD' | 'BEHIND' | 'BLOCKED' | undefined => HEALTH.find(([, pattern]) => pattern.test(text))?.[0]

export const isSituation = (text: string): boolean =>
  /^(?:if|when|wenn|falls|si|cuando|如果|当)(?![\p{sc=Latn}])/iu.test(bare(text)) && healthOf(text) !== undefined

const KNOWN_LANGUAGE = /^(?:text|txt|plain|plaintext|markdown|md|ascii|none|)$/i
export const isProse = (info: string): boolean => KNOWN_LANGUAGE.test(info.split(/\s/)[0] ?? '')
export const isShell = (info: string): boolean =>
  /^(?:sh|bash|shell|zsh|console|terminal|shell-session|powershell|ps1|fish|cmd)$/i.test(info.split(/\s/)[0] ?? '')
