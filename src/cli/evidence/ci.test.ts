import { describe, expect, it } from 'vitest'
import { readCi } from './ci.ts'

const HEAD = 'a'.repeat(40)
const MERGE = 'b'.repeat(40)
const refusal = (reason: RegExp) => ({ ok: false, reason: expect.stringMatching(reason) as string })

describe('GitHub Actions', () => {
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SHA: HEAD,
    GITHUB_REF: 'refs/heads/feature/reader',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'demo/logq',
    GITHUB_RUN_ID: '17',
  }
  const url = 'https://github.com/demo/logq/actions/runs/17'
  const pull = (more: object = {}, from = 'demo/logq') =>
    JSON.stringify({
      pull_request: {
        number: 7,
        head: { sha: HEAD, ref: 'feature/reader', repo: { full_name: from } },
        base: { sha: MERGE, ref: 'main', repo: { full_name: 'demo/logq' } },
        ...more,
      },
    })
  const ofPull = {
    ...env,
    GITHUB_EVENT_NAME: 'pull_request',
    GITHUB_SHA: MERGE,
    GITHUB_REF: 'refs/pull/7/merge',
    GITHUB_HEAD_REF: 'feature/writer',
  }

  it('names commit and branch of a push', () => {
    expect(readCi(env, undefined)).toEqual({ ok: true, commit: HEAD, run: { service: 'github-actions', branch: 'feature/reader', url } })
  })

  it('names the head of a pull request, not the trial merge of it', () => {
    const run = { service: 'github-actions', branch: 'feature/reader', pullRequest: 7, merge: MERGE, url }
    expect(readCi(ofPull, pull())).toEqual({ ok: true, commit: HEAD, run })
    expect(readCi({ ...ofPull, GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_SHA: MERGE }, pull())).toMatchObject({
      ok: true,
      commit: HEAD,
    })
  })

  it('refuses a pull request of another repository, whose branch only has the same name', () => {
    expect(readCi(ofPull, pull({}, 'somebody/logq'))).toEqual(refusal(/another repository/))
    expect(readCi(ofPull, pull({ head: { sha: HEAD, ref: 'feature/reader', repo: null } }))).toEqual(refusal(/another repository/))
  })

  it.each([undefined, '', '{', '[]', '{"pull_request": {"number": "7"}}'])('refuses a pull request without its event: %s', (event) => {
    expect(readCi(ofPull, event)).toEqual(refusal(/trial merge/))
  })

  it('names what a workflow run was for', () => {
    const event = JSON.stringify({
      workflow_run: {
        head_sha: HEAD,
        head_branch: 'feature/reader',
        head_repository: { full_name: 'demo/logq' },
        repository: { full_name: 'demo/logq' },
      },
    })
    const ofRun = { ...env, GITHUB_EVENT_NAME: 'workflow_run', GITHUB_SHA: MERGE, GITHUB_REF: 'refs/heads/main' }
    expect(readCi(ofRun, event)).toMatchObject({ ok: true, commit: HEAD, run: { branch: 'feature/reader' } })
    expect(readCi(ofRun, event.replace('demo/logq', 'somebody/logq'))).toEqual(refusal(/another repository/))
  })

  it('refuses what is no branch and no commit', () => {
    expect(readCi({ ...env, GITHUB_REF: 'refs/tags/v1' }, undefined)).toEqual(refusal(/no branch/))
    expect(readCi({ ...env, GITHUB_SHA: '--output=x' }, undefined)).toEqual(refusal(/as the commit/))
  })
})

describe('GitLab CI', () => {
  const env = { GITLAB_CI: 'true', CI_COMMIT_SHA: HEAD, CI_COMMIT_BRANCH: 'feature/reader', CI_JOB_URL: 'https://gitlab.example/1' }
  const merge = {
    GITLAB_CI: 'true',
    CI_COMMIT_SHA: MERGE,
    CI_MERGE_REQUEST_IID: '7',
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature/reader',
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: HEAD,
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '1',
    CI_MERGE_REQUEST_PROJECT_ID: '1',
  }

  it('names commit and branch of a branch pipeline', () => {
    const run = { service: 'gitlab-ci', branch: 'feature/reader', url: 'https://gitlab.example/1' }
    expect(readCi(env, undefined)).toEqual({ ok: true, commit: HEAD, run })
  })

  it('names the head of a merge request, also in a pipeline of merged results', () => {
    const run = { service: 'gitlab-ci', branch: 'feature/reader', pullRequest: 7 }
    expect(readCi(merge, undefined)).toEqual({ ok: true, commit: HEAD, run: { ...run, merge: MERGE } })
    expect(readCi({ ...merge, CI_COMMIT_SHA: HEAD, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '' }, undefined)).toEqual({
      ok: true,
      commit: HEAD,
      run,
    })
  })

  it('refuses a merge request of another project, and a pipeline of a tag', () => {
    expect(readCi({ ...merge, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '2' }, undefined)).toEqual(refusal(/another project/))
    expect(readCi({ ...env, CI_COMMIT_BRANCH: undefined, CI_COMMIT_TAG: 'v1' }, undefined)).toEqual(refusal(/no branch/))
  })
})

it('outside of CI there is nobody to ask', () => {
  expect(readCi({ GITHUB_SHA: HEAD }, undefined)).toEqual(refusal(/no CI service/))
})
