/** Files that decide what is proven of the branch that changes them, and sections of files that hold more than that. */
export interface FamilyFiles {
  readonly title: string
  /** Globs; every change of them counts. */
  readonly files: readonly string[]
  /** File name -> keys or sections; a change counts where one of them comes out otherwise. */
  readonly sections: Readonly<Record<string, readonly string[]>>
}

export const FAMILIES = {
  ci: {
    title: 'what CI runs',
    files: [
      '{.github,.forgejo,.gitea}/{workflows,actions}/**',
      '**/.gitlab-ci{,.*}.{yml,yaml}',
      '.gitlab/ci/**',
      '**/Jenkinsfile{,.*}',
      '**/azure-pipelines*.{yml,yaml}',
      '.azure-pipelines/**',
      '{.circleci,.buildkite,.teamcity,.semaphore,.woodpecker,.tekton,.builds,.ci}/**',
      '{.build,.zuul,zuul,.prow,.evergreen}.{yml,yaml}',
      '{.travis,.cirrus,.drone,.woodpecker,.appveyor,appveyor,bitbucket-pipelines,buildspec,cloudbuild,codefresh}.{yml,yaml}',
      '{.pre-commit-config.yaml,Dangerfile,dangerfile.{js,ts}}',
    ],
    sections: {},
  },
  tests: {
    title: 'how tests are found and run',
    files: [
      '**/{vitest,vite,jest,karma,ava,playwright,cypress,wdio,web-test-runner}{,-*,.*}.{config,conf,workspace}.{*js,*ts,json}',
      '**/{nightwatch,codecept,protractor,stryker}.{config,conf}.{*js,*ts,json}',
      '**/{cypress.json,jest-*.json,.testcaferc.json,junit-platform.properties,behave.ini,.behaverc}',
      '**/{.mocharc,.taprc,cucumber,jasmine,testem,.testem}{,.*}',
      '**/{node.config,xunit.runner,testconfig}.json',
      '**/{pytest.ini,.pytest.ini,pytest.toml,.pytest.toml,conftest.py,tox.ini,tox.toml,noxfile.py,unittest.cfg,nose2.cfg,hatch.toml}',
      '**/{.rspec,.rspec-local,codeception.yml,behat.yml,CTestConfig.cmake,CTestCustom.cmake}',
      '**/{phpunit,phpunit.dist,testng}.xml{,.dist}',
      '**/*.runsettings',
      '**/.config/nextest.toml',
    ],
    sections: {
      'package.json': ['jest', 'mocha', 'ava', 'vitest', 'tap'],
      'pyproject.toml': ['tool.pytest', 'tool.tox', 'tool.hatch.envs', 'project.entry-points.pytest11'],
      'setup.cfg': ['tool:pytest', 'tox'],
      'deno.json': ['test'],
    },
  },
  coverage: {
    title: 'what coverage asks for and leaves out',
    files: [
      '**/{.codecov,codecov,.coveralls,.codeclimate,.istanbul,.github/codecov}.{yml,yaml}',
      '**/{.coveragerc,.coveragerc.toml,.testcoverage.yml,coveralls.json,.lcovrc,.simplecov,.gcovr.cfg,gcovr.cfg,tarpaulin.toml,.tarpaulin.toml,sonar-project.properties}',
      '**/{.nycrc,.c8rc}{,.*}',
      '**/nyc.config.*',
    ],
    sections: {
      'package.json': ['nyc', 'c8'],
      'pyproject.toml': ['tool.coverage'],
      'setup.cfg': ['coverage:'],
    },
  },
  analysis: {
    title: 'what static analysis asks for and leaves out',
    files: [
      '**/{.eslintrc,.stylelintrc,.markdownlint,.markdownlint-cli2,.golangci,.rubocop,.rubocop_todo,.semgrep,.hadolint,.yamllint}{,.*}',
      '**/{eslint,oxlint,stylelint}.config.*',
      '**/{.oxlintrc,biome,tslint,pyrightconfig}.{json,jsonc}',
      '**/{.eslintignore,.stylelintignore,.semgrepignore,.trivyignore,.gitleaksignore,.gitleaks.toml,.snyk,.nsprc}',
      '**/{.flake8,ruff.toml,.ruff.toml,.pylintrc,pylintrc,mypy.ini,.mypy.ini,.bandit,.shellcheckrc}',
      '**/{clippy,.clippy}.toml',
      '**/{phpstan.neon,phpcs.xml,psalm.xml}{,.dist}',
      '**/.clang-tidy',
    ],
    sections: {
      'package.json': ['eslintConfig', 'eslintIgnore', 'stylelint', 'xo', 'standard'],
      'pyproject.toml': ['tool.ruff', 'tool.mypy', 'tool.pylint', 'tool.bandit', 'tool.pyright', 'tool.basedpyright'],
      'setup.cfg': ['flake8', 'mypy', 'pylint'],
      'Cargo.toml': ['lints', 'workspace.lints'],
    },
  },
  baselines: {
    title: 'what is compared against',
    files: [
      '**/{baseline,baselines,.baseline,.baselines}/**',
      '**/{,*[-_.]}baseline{,s}.{json,xml,yml,yaml,toml,txt,csv,neon,php,js,info}',
      '**/{.secrets.baseline,.betterer.results,.size-limit.json,.size-limit.js,.size-limit.cjs,bundlesize.config.json}',
    ],
    sections: { 'package.json': ['size-limit', 'bundlesize'] },
  },
  program: { title: 'the program file', files: ['**/muster.yaml'], sections: {} },
  owners: {
    title: 'who must review what',
    files: ['{,.github/,.gitlab/,docs/}CODEOWNERS', '**/OWNERS', '.policy.yml', '.github/settings.yml', '.mergify.yml'],
    sections: {},
  },
  commands: {
    title: 'what the commands of the program and the scripts of packages run',
    files: [
      '**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,.pnpmfile.mjs,bunfig.toml}',
      '**/.cargo/config{,.toml}',
      '**/rust-toolchain{,.toml}',
      '**/.mvn/**',
      '**/gradle/wrapper/**',
      '**/.bazelrc',
    ],
    sections: {
      'package.json': ['wireit', 'packageManager'],
      'pyproject.toml': ['tool.poe', 'tool.pdm.scripts', 'tool.taskipy', 'tool.hatch.scripts'],
      'deno.json': ['tasks'],
      'composer.json': ['scripts'],
    },
  },
} as const satisfies Readonly<Record<string, FamilyFiles>>

export type Family = keyof typeof FAMILIES
