/** What is taken for a test file in the languages we know, by the conventions of their test runners. */
export const DEFAULT_TESTS: readonly string[] = [
  '**/*.{test,spec,cy,e2e}.{js,jsx,ts,tsx,mjs,cjs,mts,cts,vue}',
  '**/{test,tests,__tests__,spec,specs,e2e}/**/*.{js,jsx,ts,tsx,mjs,cjs,mts,cts,py,rb,php,rs,go,c,cc,cpp,cs,java,kt,kts,scala,swift,ex,exs,sh,bats,pl,t,lua,dart,hs,ml,clj,jl,r,zig}',
  '**/*_test.{go,py,rb,cc,cpp,c,dart,exs,ml,sh,ts,js,rs,zig}',
  '**/*_{spec,tests}.{rb,rs,lua,py}',
  '**/test_*.{py,rb,c,cc,cpp,sh}',
  '**/*{Test,Tests,Spec,IT}.{java,kt,scala,groovy,cs,fs,swift,php,m,hs}',
  '**/*.bats',
]
