import { ACT_TOOLS } from '#server/mcp/acts.ts'
import { blockers } from '#server/mcp/blockers.ts'
import { check } from '#server/mcp/check.ts'
import { explain } from '#server/mcp/explain.ts'
import { radar } from '#server/mcp/radar.ts'
import { status } from '#server/mcp/status.ts'
import type { Tool } from '#server/mcp/tool.ts'

/** Every tool that agents are given; the same over both ways in. */
export const TOOLS: readonly Tool[] = [status, check, explain, radar, blockers, ...ACT_TOOLS]
