import { createScene } from '../test/collect/command-repository.ts'
import { createRunner } from '#collect/command/runner.ts'
import { createTrust, inspect } from '#collect/command/trust.ts'
import { collector, commandRequest } from '#collect/command/index.ts'
const dep = process.argv[2]==='dep'
const s = await createScene()
const head = await s.commit({ 'package.json': JSON.stringify({name:'reader',version:'1.0.0',type:'module',scripts:{test:'node --test test/*.test.js',pretest:'node scripts/prepare.js'},...(dep?{dependencies:{mri:'1.2.0'}}:{})}), 'package-lock.json': JSON.stringify({name:'reader',version:'1.0.0',lockfileVersion:3,packages:{'':{name:'reader',version:'1.0.0',...(dep?{dependencies:{mri:'1.2.0'}}:{})}, ...(dep?{'node_modules/mri':{version:'1.2.0',resolved:'https://registry.npmjs.org/mri/-/mri-1.2.0.tgz'}}:{})}}), 'scripts/prepare.js':'console.log("prepared")', 'test/a.test.js': 'import test from "node:test"; test("reads", () => {})' })
const trust = createTrust({ file: s.folder+'/t/trust.json', repository: 'x' })
const runner = createRunner({ repository: s.repository, folder: s.folder+'/runs', trust, environment: process.env })
const request = { sourceId:'tests', subject:'stream:a', options: { setup:'npm ci', run:'npm test', number: { after: '# tests' } }, state: head, bound: false, timeLimitSeconds: 100 } as never
const ctx = { repository: s.repository, runner, signal: new AbortController().signal } as never
const i = await inspect(s.repository, commandRequest(request)!)
await trust.add([{digest:i.digest,run:i.run,folder:i.folder,repository:'x',trustedAt:'2026-01-01T00:00:00Z'}])
console.dir(await collector.collect(request, ctx),{depth:5})
await runner.close(); await s.close()
