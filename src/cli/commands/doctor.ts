import { versions } from 'node:process'
import { Command } from '@commander-js/extra-typings'
import type { Command as PlainCommand } from 'commander'
import { CONFIG_OPTION, formatOption } from '#cli/common-options.ts'
import { collectors, type CollectorText } from '#cli/doctor/collectors.ts'
import type { Finding } from '#cli/doctor/finding.ts'
import { clockFinding, gitFinding, nodeFinding, sandboxFinding, sqliteFinding, stateFinding } from '#cli/doctor/machine.ts'
import { ledgerFinding, programFinding, repositoryFindings } from '#cli/doctor/program.ts'
import { EXIT, wantsColor, type Io } from '#cli/io.ts'
import { stateFolder } from '#cli/wire.ts'
import { json as jsonText, terminal } from '#render/encode.ts'
import { painter, type Ink } from '#render/text/paint.ts'
import { widthOf, wrap } from '#render/text/wrap.ts'

/** `muster doctor`: what on this machine is missing or wrong? Exit 0, or 4 when something fails. */
export function command(io: Io, exit: (code: number) => void): PlainCommand {
  return new Command('doctor')
    .description(
      'Look at this machine, the program file, the repository and the ledger, and say what is missing or wrong. Runs no command of the program.',
    )
    .option(...CONFIG_OPTION)
    .option('--collectors', 'list the kinds of source, the keys they take and what they measure')
    .addOption(formatOption('form of the answer'))
    .action(async (options) => {
      if (options.collectors) {
        const kinds = collectors()
        io.stdout.write(options.format === 'json' ? json({ collectors: kinds }) : collectorsText(kinds, io.stdout.columns))
        return
      }
      const findings = await examine(io, options.config)
      const failing = findings.filter((one) => one.state === 'fail').length
      io.stdout.write(options.format === 'json' ? json({ findings }) : findingsText(findings, wantsColor(io, io.stdout)))
      exit(failing > 0 ? EXIT.couldNotRun : 0)
    }) as unknown as PlainCommand
}

/** Each look is taken even when the one before failed, as long as it can be. */
async function examine(io: Io, config: string | undefined): Promise<readonly Finding[]> {
  const findings: Finding[] = [
    nodeFinding(versions.node),
    sqliteFinding(versions.sqlite ?? '0'),
    await gitFinding(io),
    await sandboxFinding(io),
  ]
  const looked = await programFinding(io, config)
  findings.push(...looked.findings)
  const state = await stateFinding(stateFolder(io, looked.file?.folder ?? io.cwd))
  findings.push(state)
  if (!looked.program || !looked.file) return [...findings, clockFinding(io.now(), undefined, undefined)]
  const { program, file } = looked
  const ledger = await ledgerFinding(io, program, file.folder)
  if (state.state === 'ok') findings.push(...(await repositoryFindings(io, program, file.folder)))
  return [...findings, ledger.finding, clockFinding(io.now(), program.calendar.zone, ledger.newest)]
}

const json = (value: object): string => jsonText({ schemaVersion: 1, ...value })

const SIGNS: Readonly<Record<Finding['state'], readonly [string, Ink]>> = { ok: ['✓', 'good'], warning: ['!', 'warn'], fail: ['✗', 'bad'] }

function findingsText(findings: readonly Finding[], color: boolean): string {
  const paint = painter(color)
  const width = Math.max(...findings.map((one) => widthOf(one.id)))
  const lines = findings.flatMap(({ id, state, text, remedy }) => {
    const [shape, ink] = SIGNS[state]
    const head = `${paint(ink, `${shape} ${state.padEnd('warning'.length)}`)}  ${id.padEnd(width)}  ${terminal(text)}`
    return remedy === undefined ? [head] : [head, `${' '.repeat(width + 13)}${terminal(remedy)}`]
  })
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length
  return `${[...lines, '', `${count('ok')} ok, ${count('warning')} to look at, ${count('fail')} failing`].join('\n')}\n`
}

function collectorsText(kinds: readonly CollectorText[], columns: number): string {
  const width = Math.min(columns, 120)
  const lines = kinds.flatMap((kind) => {
    const names = [...kind.options.map((one) => one.key), ...kind.metrics.map((one) => one.name)]
    const left = Math.max(...names.map(widthOf)) + 6
    const entry = (name: string, text: string): string[] =>
      wrap(text, Math.max(20, width - left)).map((line, index) => `${(index === 0 ? `  ${name}` : '').padEnd(left)}${line}`.trimEnd())
    return [
      `${kind.kind}: ${kind.title}`,
      ...(kind.options.length === 0 ? [] : ['  keys']),
      ...kind.options.flatMap((one) => entry(`  ${one.key}`, `${one.description}${one.required ? ' (required)' : ''}`)),
      '  metrics',
      ...kind.metrics.flatMap((one) =>
        entry(`  ${one.name}`, `${one.title} (${one.unit}${one.better === 'none' ? '' : `, ${one.better} is better`})`),
      ),
      '',
    ]
  })
  return `${lines.join('\n')}Every source also takes: ${['for', 'timeLimit', 'maxAge', 'host'].join(', ')}\n`
}
