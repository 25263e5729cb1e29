import type { Evaluation } from '#core/evaluate/model.ts'

/** What anybody acts on in an evaluation: two looks with the same gist are one piece of news. */
export const gistOf = ({ judgements, streams }: Evaluation): string =>
  JSON.stringify([
    judgements.map(({ criterion, subject, status }) => [criterion.id, subject, status]),
    streams.map(({ stream, health, progress }) => [stream, health, progress === undefined ? null : Math.round(progress * 1000)]),
  ])
