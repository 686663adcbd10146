// A browser without scripts: follows redirects, keeps cookies, fills in forms.
import { request } from "node:http";

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'", "#39": "'", "#x2F": "/" };
const decode = (text) => text.replace(/&([^;]+);/g, (all, name) => entities[name] ?? all);
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? decode(found[1]) : undefined;
};

/// One request, as a browser sends it when it loads a page.
function ask(url, { method = "GET", headers = {}, body } = {}) {
  const own = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
  if (body) own["content-type"] = "application/x-www-form-urlencoded";
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { ...own, ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on("error", reject).end(body?.toString());
  });
}

export class Browser {
  #cookies = new Map();

  /// Knows the pages of these origins only.
  constructor(...origins) {
    this.origins = origins;
  }

  /// Loads a page. Stops at a redirect that leaves the origins and says in `left` where it went.
  async go(url, init = {}) {
    for (let hops = 0; hops < 20; hops += 1) {
      const cookie = [...this.#cookies].map(([k, v]) => `${k}=${v}`).join("; ");
      const answer = await ask(url, { ...init, headers: { cookie, ...init.headers } });
      for (const line of answer.headers["set-cookie"] ?? []) {
        const [pair] = line.split(";");
        const at = pair.indexOf("=");
        if (/max-age=0/i.test(line)) this.#cookies.delete(pair.slice(0, at));
        else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const { location } = answer.headers;
      if (!location) {
        this.url = String(url);
        this.status = answer.status;
        this.html = answer.text;
        return this;
      }
      url = new URL(location, url);
      init = {};
      if (!this.origins.includes(url.origin)) {
        this.url = url.href;
        this.left = url;
        return this;
      }
    }
    throw new Error(`too many redirects, last to ${url}`);
  }

  get path() {
    return new URL(this.url).pathname;
  }

  /// Where the form whose HTML `wanted` accepts is sent, and what is in it, with `values` over what it has.
  #filled(values, wanted) {
    const forms = [...this.html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/g)].map((match) => match[0]);
    const form = forms.find((html) => /method="post"/i.test(html) && wanted(html));
    if (!form) throw new Error(`no such form on ${this.url}:\n${this.html}`);
    const body = new URLSearchParams();
    for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
      const [name, type] = [attribute(tag, "name"), attribute(tag, "type")];
      const chosen = !["radio", "checkbox"].includes(type) || /\schecked\b/.test(tag);
      if (name && chosen) body.set(name, attribute(tag, "value") ?? "");
    }
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    const action = attribute(form.match(/<form\b[^>]*>/)[0], "action") ?? this.url;
    return { to: new URL(action, this.url), body };
  }

  /// Posts the form whose HTML `wanted` accepts, with `values` over what it has.
  async submit(values = {}, wanted = () => true) {
    const { to, body } = this.#filled(values, wanted);
    return this.go(to, { method: "POST", body, headers: { origin: new URL(this.url).origin } });
  }

  /// What posting the page's form to `url` would send there, for whoever takes it from here; none without such a form.
  posted(url) {
    const goesThere = (html) => html.includes(`action="${url}"`);
    if (!goesThere(this.html)) return undefined;
    const { to, body } = this.#filled({}, goesThere);
    return new Request(to, { method: "POST", body });
  }
}
