/**
 * Takes secrets out of text that goes into evidence. Known shapes of tokens, credentials in URLs
 * and headers, private keys, values beside a telling name; and the secrets the caller knows.
 * A net, not a proof: what looks like an ordinary word stays. Every pattern runs in linear time.
 */
export function redact(text: string, known: readonly string[] = []): string {
  let result = text
  for (const secret of known) if (secret.length >= MIN_KNOWN) result = result.replaceAll(secret, MARK)
  for (const [pattern, replacement] of PATTERNS) result = result.replace(pattern, replacement)
  return result
}

export const MARK = '[redacted]'

/** Shorter ones would blacken half of the text. */
const MIN_KNOWN = 6

/** A name that says its value is secret, as in environment variables and settings. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name)

const SECRET_NAME = /pass(?:word|wd|phrase)|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential/i

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // PEM: to the end of the text where the end line was cut off.
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, MARK],
  // Our own, of CI and of the API.
  [/\bmuster_(?:access|[0-9a-f]{16})_[A-Za-z0-9_-]{16,}/g, MARK],
  // GitHub, GitLab, Slack, AWS, npm, Google, Stripe-like and model-provider keys, PyPI, SendGrid.
  [/\bgh[a-z]_[A-Za-z0-9]{16,}/g, MARK],
  [/\bgithub_pat_[A-Za-z0-9_]{16,}/g, MARK],
  [/\bgl[a-z]{2,6}-[A-Za-z0-9_-]{16,}/g, MARK],
  [/\bxox[a-z]-[A-Za-z0-9-]{8,}/g, MARK],
  [/\bxapp-[A-Za-z0-9-]{8,}/g, MARK],
  [/\bhooks\.slack\.com\/(?:services|workflows|triggers)\/[A-Za-z0-9/_-]+/g, `hooks.slack.com/${MARK}`],
  [/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}/g, MARK],
  [/\bnpm_[A-Za-z0-9]{30,}/g, MARK],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, MARK],
  [/\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}/g, MARK],
  [/\bpypi-[A-Za-z0-9_-]{16,}/g, MARK],
  [/\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}/g, MARK],
  // JSON web tokens.
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g, MARK],
  // Authorization headers, and a scheme on its own.
  [/\b(authorization|proxy-authorization)(["']?\s{0,4}[:=]\s{0,4}["']?)[^\s"',;]+(?:[ \t]+[^\s"',;]+)?/gi, `$1$2${MARK}`],
  [/\b(bearer|basic)([ \t]+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1$2${MARK}`],
  // user:password@ in URLs; a lone user name may be a token as well.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?!git@)[^\s/@"'<>]{1,256}@/gi, `$1${MARK}@`],
  // A telling name, then = or : and a value; JSON and query strings look the same from here.
  [
    /\b((?:[A-Za-z0-9]{0,40}[_-]){0,4}(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|credentials?)["']?\s{0,4}[:=]\s{0,4})("[^"\n]{1,4096}"|'[^'\n]{1,4096}'|[^\s"'&,;]{3,})/gi,
    `$1${MARK}`,
  ],
]
