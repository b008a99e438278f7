// A structural check of a PDF before it is sealed (结构检查): a torn file must be noticed while it can still be replaced.
// Reads only the head, the tail and the place the tail points to; it parses no content and runs nothing.

const text = async (blob) => new TextDecoder("latin1").decode(await blob.arrayBuffer());

/** Return a Chinese reason why the file is broken, or null. */
export async function pdfDefect(file) {
  if (file.size === 0) return "文件为空（0 字节）";
  const head = await text(file.slice(0, 1024));
  const start = head.indexOf("%PDF-");
  if (start < 0) return "文件头缺少 %PDF- 标记，不是 PDF 文件";
  const tail = await text(file.slice(Math.max(0, file.size - 2048)));
  if (tail.lastIndexOf("%%EOF") < 0) return "文件尾缺少 %%EOF 标记，文件可能没有完整保存";
  const pointer = /startxref\s+(\d{1,12})\s+%%EOF\s*$/.exec(tail.slice(0, tail.lastIndexOf("%%EOF") + 5));
  if (!pointer) return "文件尾缺少 startxref 交叉引用位置";
  // Offsets count from the %PDF- mark when a mailer put bytes before it.
  const at = Number(pointer[1]) + start;
  if (at >= file.size) return "交叉引用位置超出文件长度，文件可能被截断";
  const found = await text(file.slice(at, at + 64));
  if (!/^\s*(xref\b|\d+\s+\d+\s+obj\b)/.test(found)) return "交叉引用位置上没有交叉引用表，文件内部已损坏";
  return null;
}

const SIGNATURES = { docx: "PK", xlsx: "PK", pptx: "PK", zip: "PK", ofd: "PK", jpg: "\u00ff\u00d8", jpeg: "\u00ff\u00d8", png: "\u0089PNG" };
export const ACCEPTED = ["pdf", ...Object.keys(SIGNATURES)];

/** Return a Chinese reason why a file of a bid is not acceptable, or null. */
export async function fileDefect(file) {
  const extension = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
  if (!ACCEPTED.includes(extension)) return `文件类型“.${extension}”不在允许范围（${ACCEPTED.join("、")}）`;
  if (file.name.length > 200 || /[/\\\u0000-\u001f]/.test(file.name)) return "文件名过长或含有不允许的字符";
  if (extension === "pdf") return pdfDefect(file);
  if (file.size === 0) return "文件为空（0 字节）";
  const head = await text(file.slice(0, 4));
  return head.startsWith(SIGNATURES[extension]) ? null : `文件内容与扩展名“.${extension}”不符，文件可能已损坏`;
}
