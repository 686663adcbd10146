// A browser without scripts: follows redirects, keeps cookies, fills in forms.
const entities = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'", "#39": "'", "#x2F": "/" };
const decode = (text) => text.replace(/&([^;]+);/g, (all, name) => entities[name] ?? all);
const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? decode(found[1]) : undefined;
};

export class Browser {
  #cookies = new Map();

  /// Loads a page. Stops at a redirect that leaves `origin` and returns where it went.
  constructor(origin) {
    this.origin = origin;
  }

  async go(url, init = {}) {
    for (let hops = 0; hops < 20; hops += 1) {
      const headers = { accept: "text/html", cookie: [...this.#cookies].map(([k, v]) => `${k}=${v}`).join("; ") };
      const response = await fetch(url, { ...init, headers: { ...headers, ...init.headers }, redirect: "manual" });
      for (const line of response.headers.getSetCookie()) {
        const [pair] = line.split(";");
        const at = pair.indexOf("=");
        if (/max-age=0/i.test(line)) this.#cookies.delete(pair.slice(0, at));
        else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const location = response.headers.get("location");
      if (!location) {
        this.url = String(url);
        this.status = response.status;
        this.html = await response.text();
        return this;
      }
      url = new URL(location, url);
      init = {};
      if (url.origin !== this.origin) {
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

  /// Posts the form whose HTML `wanted` accepts, with `values` over what it has.
  async submit(values = {}, wanted = () => true) {
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
    return this.go(new URL(action, this.url), { method: "POST", body, headers: { origin: this.origin } });
  }
}
