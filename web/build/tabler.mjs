// Tabler's style sheet without the components we have no use for (everything that needs its script, floats,
// carousels, brand colours), and with light-dark() written out as a media query for browsers that lack it.

const unused =
  /\.(page|toolbar|empty|footer|pagination|row-|steps|navbar|nav-segmented|offcanvas|carousel|popover|bs-popover|tooltip|bs-tooltip|toast|ribbon|switch-icon|modal|dropdown|dropup|dropend|dropstart|collapse|collapsing|accordion|form-imagecheck|form-colorinput|form-colorcheck|form-floating|form-selectgroup|form-range|was-validated|steps|step-item|otp|sparkline|strength|signal|avatar|page-cover|btn-animate|btn-action|btn-loading|btn-list|btn-close|btn-check|btn-group|table-sort|table-striped|list-group|nav-underline|timeline|prose|col-form|card-status|card-tabs|card-group|status|input-group|input-icon|grid|[mp][xytbse]?-(?:sm|md|lg|xl|xxl)-|g[xy]?-(?:sm|md|lg|xl|xxl)|gap-(?:sm|md|lg|xl|xxl)|(?:float|order|flex|justify-content|align-content|align-items|align-self|opacity|w|h|text|vw|vh)-(?:sm|md|lg|xl|xxl)|col-xxl|offset-|row-cols|(?:d|col)-xxl|io-|bg-pattern|bg-gradient|card-gradient|card-stamp|card-rotate|card-img|text-bg|btn-ghost|link-underline|link-offset|link-opacity|focus-ring|markdown|calendar|chart-|chat|star|stars|signature|tom-select|ts-|apexcharts|jsvectormap|noUi|dropzone|plyr|tinymce|tox|hugerte|fslightbox|fullcalendar|fc-|litepicker|payment|flag|social|social-|segmented|table-mobile|divide-|object-fit|vr|rotate|theme-|layout-|auth|page-wrapper|sortable|selectgroup|icon-tada|icon-pulse|icon-rotate|spinner|placeholder|tracking|nav-link-toggle|nav-item|img-responsive|img-thumbnail|figure|ratio|tag|tags|toolbar-|turbo|typed|countup|scroll|loader|legend|hover-|shape|cover|pattern|dimmer|demo|settings|wizard|colorinput|user-select|pe-|stretched|vstack|hstack|z-|columns-|column-gap|row-gap|text-(?:blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan|x|facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|gray)|(?:bg|btn|badge|alert|border|link|steps|status|table|list-group-item|btn-outline|shadow|avatar)-(?:blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan|x|facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|gray|light|dark|info|success|warning))[\w-]*/;

/** Splits a block of CSS into [prelude, body|null] pairs; strings and comments are respected. */
function rules(css) {
  const out = [];
  let start = 0;
  let depth = 0;
  let open = 0;
  for (let i = 0; i < css.length; i++) {
    const c = css[i];
    if (c === "/" && css[i + 1] === "*") i = css.indexOf("*/", i + 2) + 1;
    else if (c === '"' || c === "'") {
      for (i++; css[i] !== c; i++) if (css[i] === "\\") i++;
    } else if (c === "{" && depth++ === 0) open = i;
    else if (c === "}" && --depth === 0) {
      out.push([css.slice(start, open).trim(), css.slice(open + 1, i)]);
      start = i + 1;
    } else if (c === ";" && depth === 0) {
      out.push([css.slice(start, i).trim(), null]);
      start = i + 1;
    }
  }
  return out;
}

function withoutComments(css) {
  return css.replace(/\/\*[\s\S]*?\*\//g, "");
}

/** Splits at top-level separators, outside parentheses, brackets and strings. */
function split(text, separator) {
  const parts = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"' || c === "'") for (i++; text[i] !== c; i++) if (text[i] === "\\") i++;
    if (c === "(" || c === "[") depth++;
    else if (c === ")" || c === "]") depth--;
    else if (c === separator && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((p) => p.trim()).filter(Boolean);
}

function pick(value, dark) {
  const at = value.indexOf("light-dark(");
  if (at < 0) return value;
  let depth = 0;
  let end = at + 10;
  for (; end < value.length; end++) {
    if (value[end] === "(") depth++;
    else if (value[end] === ")" && --depth === 0) break;
  }
  const both = split(value.slice(at + 11, end), ",");
  return pick(value.slice(0, at) + both[dark ? 1 : 0] + value.slice(end + 1), dark);
}

function themed(selector, body) {
  const declarations = split(body, ";");
  const plain = declarations.map((d) => pick(d, false)).filter((d) => !/^color-scheme\s*:/.test(d));
  const night = declarations.filter((d) => d.includes("light-dark(")).map((d) => pick(d, true));
  const light = plain.length ? `${selector}{${plain.join(";")}}` : "";
  return night.length ? `${light}@media (prefers-color-scheme:dark){${selector}{${night.join(";")}}}` : light;
}

function slim(css) {
  return rules(css)
    .map(([prelude, body]) => {
      if (body === null) return "";
      if (/^@(media|supports|layer|container)/.test(prelude)) {
        const inner = slim(body);
        return inner ? `${prelude}{${inner}}` : "";
      }
      if (prelude.startsWith("@")) return /keyframes|page|property/.test(prelude) ? "" : `${prelude}{${body}}`;
      const kept = split(prelude, ",").filter((s) => !unused.test(s) && !/\[data-(bs-)?(bs-navbar-)?theme/.test(s.replace(/^\[data-(bs-)?theme=light\]$/, "")));
      return kept.length ? themed(kept.join(","), body) : "";
    })
    .join("\n");
}

export function slimTabler(css) {
  return slim(withoutComments(css));
}
