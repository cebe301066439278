// The page of the check without network: one file with everything in it.
import type { Ledger } from "./ledger";
import { age, check, type Checked, type Trust } from "./verify";

const LABELS: [number, string][] = [
  [0, "证书编号"], [3, "年度"], [4, "姓名"], [6, "身份证号"], [7, "单位"],
  [10, "公共科目学时"], [12, "专业科目学时"], [14, "合计学时"], [16, "签发日期"], [17, "签发机关"],
];
const WORDS = {
  valid: "签名有效：内容与签发的一致",
  revoked: "证书已撤销，不能再作证明使用",
  altered: "签名不符：内容与签发的不一致",
  unreadable: "读不出来：请粘贴扫描二维码得到的完整地址",
};
const FORGED = "账本证明不符：已公布的检查点里没有这份证书";
/** After so many days a page says that it is old. */
const OLD_DAYS = 30;

const trust = JSON.parse(document.getElementById("trust")?.textContent ?? "{}") as Trust;
const form = document.querySelector("form");
const input = document.querySelector("textarea");
const result = document.getElementById("result");
const old = document.getElementById("old");

function said(ledger: Ledger): string {
  switch (ledger.state) {
    case "proven":
      return `已核对：列入 ${ledger.day} 公布的第 ${ledger.no} 号检查点`;
    case "newer":
      return `第 ${ledger.no} 号检查点比本页新，请重新下载本页后核对`;
    case "absent":
      return "未携带：打印时检查点还没有生成，持证人次日重新下载的证书会携带";
    case "forged":
      return FORGED;
  }
}

function show(checked: Checked, into: HTMLElement): void {
  into.className = checked.state;
  const heading = document.createElement("h2");
  heading.textContent = checked.ledger?.state === "forged" ? FORGED : WORDS[checked.state];
  const list = document.createElement("dl");
  const row = (label: string, text: string) => {
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = label;
    value.textContent = text;
    list.append(term, value);
  };
  for (const [place, label] of checked.fields.length ? LABELS : []) row(label, checked.fields[place] ?? "");
  if (checked.fields.length && checked.ledger) row("账本证明", said(checked.ledger));
  into.replaceChildren(heading, list);
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void (async () => {
    if (input && result) show(await check(input.value, trust), result);
  })();
});

const days = age(trust, Date.now());
if (old && days > OLD_DAYS) old.textContent = `本页已下载 ${days} 天，之后的撤销和检查点都不在其中，请重新下载。`;
