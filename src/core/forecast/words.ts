/** `1 change`, `2 changes`. */
export const count = (number: number, one: string): string => `${number} ${number === 1 ? one : `${one}s`}`
