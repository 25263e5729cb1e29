import type { Reach } from '#net/address.ts'
import { openWire, type Wire } from '#net/exchange.ts'
import type { Environment } from '#net/secret.ts'

/** For one answer; the engine's own limit for a message is longer. */
const ANSWER_SECONDS = 30

const REACHES: Readonly<Record<string, Reach>> = { private: 'private', loopback: 'loopback' }

/**
 * The way to an address that a program file names. Public ones alone, unless the environment says
 * `MUSTER_DELIVER_TO=private` (the own network too) or `loopback` (this machine alone, for tests):
 * a program file must not be able to reach into the network it is run in.
 */
export const reachOf = (environment: Environment): Reach => REACHES[environment('MUSTER_DELIVER_TO') ?? ''] ?? 'public'

export const wireFor = (environment: Environment): Wire => openWire(reachOf(environment), ANSWER_SECONDS)
