/** What a command says of its sandbox: it must have one, or must not; else it has one where there is one. */
export const SANDBOX_MODES = ['required', 'off'] as const
export type SandboxMode = (typeof SANDBOX_MODES)[number]
