// The page of the check without network: one file with everything in it.
import { check, type Trust } from "./verify";

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

const trust = JSON.parse(document.getElementById("trust")?.textContent ?? "{}") as Trust;
const form = document.querySelector("form");
const input = document.querySelector("textarea");
const result = document.getElementById("result");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  void (async () => {
    if (!input || !result) return;
    const checked = await check(input.value, trust);
    result.className = checked.state;
    const heading = document.createElement("h2");
    heading.textContent = WORDS[checked.state];
    const list = document.createElement("dl");
    for (const [place, label] of checked.fields.length ? LABELS : []) {
      const term = document.createElement("dt");
      const value = document.createElement("dd");
      term.textContent = label;
      value.textContent = checked.fields[place] ?? "";
      list.append(term, value);
    }
    result.replaceChildren(heading, list);
  })();
});
