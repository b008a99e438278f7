// Amounts of money (金额): integer 分 in and out, digits grouped for the eye, and 大写 as on a cheque.

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES = ["", "拾", "佰", "仟"];
// The group of 万亿 says 万 only; the 亿 that it shares follows with or without the next group.
const GROUP_ENDS = ["", "万", "亿", "万"];

/** Return 分 of a typed amount in 元 with at most two decimals, or null. */
export function parseFen(text) {
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text.trim().replaceAll(/[,，\s]/g, ""));
  if (!match) return null;
  const fen = BigInt(match[1]) * 100n + BigInt((match[2] ?? "").padEnd(2, "0"));
  return fen <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(fen) : null;
}

export function formatFen(fen) {
  const text = String(fen).padStart(3, "0");
  return `${text.slice(0, -2).replaceAll(/\B(?=(\d{3})+$)/g, ",")}.${text.slice(-2)}`;
}

function wholeWords(yuan) {
  let words = "";
  let gap = false;
  for (let power = 3; power >= 0; power -= 1) {
    const group = Math.floor(yuan / 10000 ** power) % 10000;
    if (group === 0) {
      words += power === 2 && words ? "亿" : "";
      gap = words !== "";
      continue;
    }
    for (let place = 3; place >= 0; place -= 1) {
      const digit = Math.floor(group / 10 ** place) % 10;
      if (digit > 0) words += (gap && words ? "零" : "") + DIGITS[digit] + PLACES[place];
      gap = digit === 0;
    }
    words += GROUP_ENDS[power];
    gap = false;
  }
  return words || "零";
}

/** 大写 of an amount in 分, such as 壹万零伍拾元叁角整; twin of kernel/money.py. */
export function capitals(fen) {
  const yuan = Math.floor(fen / 100);
  const jiao = Math.floor(fen / 10) % 10;
  const cent = fen % 10;
  let words = yuan > 0 || (jiao === 0 && cent === 0) ? `${wholeWords(yuan)}元` : "";
  if (jiao === 0 && cent === 0) return `${words}整`;
  if (jiao > 0) words += `${DIGITS[jiao]}角`;
  else if (yuan > 0) words += "零";
  return words + (cent > 0 ? `${DIGITS[cent]}分` : "整");
}
