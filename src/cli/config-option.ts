/** The option that every command takes; alone here, because reading the record needs nothing else of the program. */
export const CONFIG_OPTION = ['--config <file>', 'program file (default: muster.yaml here or above)'] as const
