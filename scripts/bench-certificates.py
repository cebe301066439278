"""The certificate's page drawn by reportlab and by weasyprint, warm, one after another; milliseconds as one JSON line each.

The modules of their QR code are computed once and not counted: what is measured is the drawing of the page."""
import functools
import io
import json
import random
import statistics
import time

import qrcode
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

random.seed(1)
ADDRESS = "https://example.cn/verify/4320235800000010?s=" + "A" * 86 + "#" + "".join(random.choices("0123456789", k=1650))
FACTS = [("姓　　名", "{name}"), ("性　　别", "女"), ("身份证号", "430***********4639"), ("单　　位", "湖南示范职业技术学院"),
         ("岗位类别", "专业技术人员"), ("岗位等级", "专业技术九级")]
ROWS = [("公共科目", "30", "30"), ("专业科目", "60", "60"), ("合计", "90", "90")]
TITLE = "湖南省事业单位工作人员培训合格证书"
SENTENCE = "{name}同志2023年度参加湖南省事业单位工作人员培训，公共科目、专业科目学时均达到当年规定的要求，培训合格，特发此证。"
# reportlab takes no CFF outlines, which Noto has: HanaMinA is the nearest that it can embed.
pdfmetrics.registerFont(TTFont("Hana", "/usr/share/fonts/truetype/hanazono/HanaMinA.ttf"))


@functools.cache
def code():
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    made.add_data(ADDRESS)
    made.make()
    return made.get_matrix()


def by_reportlab(name):
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(297 * mm, 210 * mm))
    page.setTitle(TITLE)
    page.rect(11 * mm, 11 * mm, 275 * mm, 188 * mm)
    page.rect(13 * mm, 13 * mm, 271 * mm, 184 * mm)
    page.setFont("Hana", 30)
    page.drawCentredString(148 * mm, 165 * mm, TITLE)
    page.setFont("Hana", 16)
    page.drawCentredString(148 * mm, 152 * mm, "2023 年度")
    page.setFont("Hana", 15)
    text = SENTENCE.format(name=name)
    page.drawString(40 * mm, 135 * mm, text[:38])
    page.drawString(31 * mm, 127 * mm, text[38:])
    page.setFont("Hana", 14)
    for n, (label, value) in enumerate(FACTS):
        page.drawString(31 * mm, (108 - 9 * n) * mm, label)
        page.drawString(55 * mm, (108 - 9 * n) * mm, value.format(name=name))
    for n, row in enumerate(ROWS):
        for m, cell in enumerate(row):
            page.drawString((170 + 35 * m) * mm, (104 - 10 * n) * mm, cell)
        page.line(168 * mm, (101 - 10 * n) * mm, 266 * mm, (101 - 10 * n) * mm)
    modules = code()
    side = 36 * mm / len(modules)
    for y, line in enumerate(modules):
        for x, dark in enumerate(line):
            if dark:
                page.rect(31 * mm + x * side, 51 * mm - y * side, side, side, stroke=0, fill=1)
    page.drawCentredString(235 * mm, 35 * mm, "湖南省人力资源和社会保障厅")
    page.drawCentredString(235 * mm, 26 * mm, "2026 年 11 月 23 日")
    page.save()
    return out.getvalue()


def svg():
    modules = code()
    cells = "".join(f"M{x} {y}h1v1h-1z" for y, line in enumerate(modules) for x, dark in enumerate(line) if dark)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(modules)} {len(modules)}" width="36mm" height="36mm"><path d="{cells}"/></svg>'


FONTS = FontConfiguration()


def by_weasyprint(name):
    facts = "".join(f"<tr><th>{a}</th><td>{b.format(name=name)}</td></tr>" for a, b in FACTS)
    rows = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in ROWS)
    html = f"""<html lang="zh"><head><title>{TITLE}</title><style>@page{{size:297mm 210mm;margin:24mm 31mm}}
    body{{font:14pt 'Noto Serif CJK SC'}}h1{{font-size:30pt;text-align:center}}p{{text-indent:2em;font-size:15pt}}
    .two{{display:flex;gap:14mm}}td,th{{padding:2mm 4mm;text-align:left}}</style></head><body><h1>{TITLE}</h1>
    <h2 style="text-align:center">2023 年度</h2><p>{SENTENCE.format(name=name)}</p><div class="two"><table>{facts}</table>
    <table>{rows}</table></div><div class="two">{svg()}<div>湖南省人力资源和社会保障厅<br>2026 年 11 月 23 日</div></div></body></html>"""
    return HTML(string=html).write_pdf(font_config=FONTS, pdf_variant="pdf/a-2b")


def measure(label, draw, count):
    for n in range(5):
        draw(f"王{n}")
    took = []
    for n in range(count):
        begin = time.perf_counter()
        pdf = draw(f"李{n}")
        took.append((time.perf_counter() - begin) * 1000)
    print(json.dumps({"by": label, "count": count, "ms_mean": round(statistics.mean(took), 2), "ms_p50": round(statistics.median(took), 2),
                      "bytes": len(pdf)}))


measure("reportlab", by_reportlab, 40)
measure("weasyprint", by_weasyprint, 20)
