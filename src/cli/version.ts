/** The version of the package, written here by hand and held equal to package.json by a test. */
export const VERSION = '0.2.0'
