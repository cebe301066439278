// The editor of notices. Without it the field takes plain text, line by line.
import { Editor } from "@tiptap/core";
import { StarterKit } from "@tiptap/starter-kit";
import { all } from "./lib/dom";

type Tool = { label: string; title: string; run: (e: Editor) => boolean; isOn?: (e: Editor) => boolean };

const TOOLS: Tool[] = [
  { label: "标题", title: "小标题", run: (e) => e.chain().focus().toggleHeading({ level: 2 }).run(), isOn: (e) => e.isActive("heading", { level: 2 }) },
  { label: "加粗", title: "加粗", run: (e) => e.chain().focus().toggleBold().run(), isOn: (e) => e.isActive("bold") },
  { label: "编号", title: "编号列表", run: (e) => e.chain().focus().toggleOrderedList().run(), isOn: (e) => e.isActive("orderedList") },
  { label: "列表", title: "项目列表", run: (e) => e.chain().focus().toggleBulletList().run(), isOn: (e) => e.isActive("bulletList") },
  { label: "引用", title: "引用", run: (e) => e.chain().focus().toggleBlockquote().run(), isOn: (e) => e.isActive("blockquote") },
  { label: "撤销", title: "撤销", run: (e) => e.chain().focus().undo().run() },
  { label: "重做", title: "重做", run: (e) => e.chain().focus().redo().run() },
];

/** What was typed without the editor: each line is a paragraph. */
function asHtml(text: string): string {
  if (text.includes("<")) return text;
  const holder = document.createElement("div");
  for (const line of text.split("\n").filter((l) => l.trim())) holder.append(Object.assign(document.createElement("p"), { textContent: line }));
  return holder.innerHTML;
}

function button(editor: Editor, tool: Tool): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-small";
  made.textContent = tool.label;
  made.title = tool.title;
  made.addEventListener("click", () => tool.run(editor));
  const { isOn } = tool;
  if (isOn) editor.on("transaction", () => made.setAttribute("aria-pressed", String(isOn(editor))));
  return made;
}

function edit(field: HTMLTextAreaElement): void {
  const box = document.createElement("div");
  box.className = "editor";
  const bar = document.createElement("div");
  bar.className = "editor-bar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "编辑");
  box.append(bar);
  field.after(box);
  const label = document.querySelector(`label[for="${field.id}"]`)?.textContent ?? "";
  const editor = new Editor({
    element: box,
    extensions: [StarterKit.configure({ code: false, codeBlock: false })],
    content: asHtml(field.value),
    injectCSS: false,
    editorProps: { attributes: { class: "prose", role: "textbox", "aria-multiline": "true", "aria-label": label } },
    onUpdate: ({ editor }) => {
      field.value = editor.isEmpty ? "" : editor.getHTML();
    },
  });
  bar.append(...TOOLS.map((tool) => button(editor, tool)));
  field.hidden = true;
  field.addEventListener("xueshi:filled", () => editor.commands.setContent(asHtml(field.value)));
}

for (const field of all<HTMLTextAreaElement>("textarea[data-editor]")) edit(field);
