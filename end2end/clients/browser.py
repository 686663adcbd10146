"""A person with a browser that runs no scripts."""

import html.parser
from urllib.parse import urljoin, urlsplit

import requests


class Forms(html.parser.HTMLParser):
    """The post forms of a page, each with its fields, and its links."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.links = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.forms.append({"action": a.get("action", ""), "method": a.get("method", "get").lower(), "fields": {}})
        elif tag == "a":
            self.links.append(a.get("href", ""))
        elif tag in ("input", "button") and a.get("name") and self.forms:
            if a.get("type") not in ("radio", "checkbox") or "checked" in a:
                self.forms[-1]["fields"].setdefault(a["name"], a.get("value") or "")


class Person:
    """A browser without scripts."""

    def __init__(self, origin):
        """Knows the pages of this origin only."""
        self.origin = origin
        self.http = requests.Session()

    def go(self, url, **kwargs):
        """Loads a page; answers the address where a redirect leaves the origin."""
        answer = self.http.request(kwargs.pop("method", "GET"), url, allow_redirects=False, **kwargs)
        while answer.is_redirect:
            url = urljoin(url, answer.headers["location"])
            if urlsplit(url).netloc != urlsplit(self.origin).netloc:
                return url
            answer = self.http.get(url, allow_redirects=False)
        self.url, self.page, self.status = url, answer.text, answer.status_code
        return None

    def submit(self, values, having):
        """Sends the first form with a field of that name, with `values` over what it has; any form for ""."""
        forms = [form for form in Forms(self.page).forms if form["method"] == "post" and having in (*form["fields"], "")]
        assert forms, f"no form with {having} on {self.url}"
        data = {**forms[0]["fields"], **values}
        target = urljoin(self.url, forms[0]["action"] or self.url)
        return self.go(target, method="POST", data=data, headers={"origin": self.origin})
