/** With a blank for each character that nobody sees, such as a zero-width space or the entity of one. */
export const visible = (text: string): string => text.replace(INVISIBLE, ' ')

const INVISIBLE =
  /&(?:nbsp|ensp|emsp|thinsp|zwn?j|shy|#(?:0{0,6}(?:160|173|820[3-7])|x0{0,6}(?:a0|ad|200[b-f])));|\p{Default_Ignorable_Code_Point}/giu
