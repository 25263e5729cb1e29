import { Option } from '@commander-js/extra-typings'

/** The option that every command takes. */
export const CONFIG_OPTION = ['--config <file>', 'program file (default: muster.yaml here or above)'] as const

/** For people, or for a script. */
export const formatOption = (description: string) =>
  new Option('--format <format>', description).choices(['text', 'json'] as const).default('text' as const)
