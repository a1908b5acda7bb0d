import { escapeMarkup } from "./markup.ts";
import { chooseLanguage, getTexts, languageTags } from "./texts.ts";
import type { HttpAnswer, HttpRequest } from "./http-server.ts";

/** Where clients reach the mail protocols, for people and for programs that look settings up. */
export interface MailService {
  readonly use: "imaps" | "imap" | "pop3s" | "submissions" | "submission";
  readonly port: number;
}

/** The page that whoever opens the server's address in a browser sees. */
export function frontPage(
  request: HttpRequest,
  services: readonly MailService[],
  domain: string,
): HttpAnswer {
  const asked = request.query.get("lang") ?? "";
  const tag = languageTags.includes(asked) ? asked : chooseLanguage(request.acceptLanguage);
  const words = getTexts(tag);
  const uses = {
    imaps: words.reading,
    imap: words.readingOld,
    pop3s: words.fetching,
    submissions: words.sending,
    submission: words.sending,
  };
  const rows = services.map(({ use, port }) => {
    const security = use.endsWith("s") ? "TLS" : "STARTTLS";
    const cells = [uses[use], request.host, String(port), security].map(escapeMarkup);
    return `<tr><th scope="row">${cells[0]}</th><td>${cells.slice(1).join("</td><td>")}</td></tr>`;
  });
  const heads = [words.use, words.server, words.port, words.security];
  const links = languageTags.map((other) => {
    const current = other === tag ? ' aria-current="true"' : "";
    return `<a href="?lang=${other}" lang="${languageOf(other)}" hreflang="${languageOf(other)}"${current}>${getTexts(other).language}</a>`;
  });
  const postmaster = escapeMarkup(`postmaster@${domain}`);
  const body = `<!doctype html>
<html lang="${languageOf(tag)}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<style>${style}</style>
<main>
<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
<h2>${words.settings}</h2>
<div class="wide"><table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
<p>${words.login}</p>
<p class="small">${words.spam} <a href="mailto:${postmaster}">${postmaster}</a>.</p>
</main>
<nav aria-label="Language">${links.join(" ")}</nav>
</html>
`;
  return { status: 200, type: "text/html", body, headers: { vary: "accept-language" } };
}

/** The tag as HTML wants it. */
function languageOf(tag: string): string {
  return tag === "sr" ? "sr-Cyrl" : tag === "sr-latn" ? "sr-Latn" : tag;
}

const style = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#566072;--paper:#f6f7f9;--card:#fff;--line:#dde2ea;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--soft:#a3adbd;--paper:#11151b;--card:#1a2028;--line:#2d3643;--link:#8cc0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
main{max-width:44rem;margin:12vh auto 2rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}
h1{margin:0 0 .5rem;font-size:1.7rem;line-height:1.25}
h2{margin:2rem 0 .5rem;font-size:1.05rem}
.lead,.small{color:var(--soft)}.small{font-size:.9rem}
.wide{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.5rem .75rem .5rem 0;text-align:left;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-size:.85rem;font-weight:600}tbody th{font-weight:500}
a{color:var(--link)}a:focus-visible{outline:3px solid var(--link);outline-offset:2px}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:center;padding:0 1rem 2rem}
nav a{display:inline-block;padding:.35rem .25rem}nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
`;
