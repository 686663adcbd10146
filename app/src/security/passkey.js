(async (form) => {
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    buffer && btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const publicKey = JSON.parse(form.dataset.options);
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  for (const known of [...(publicKey.excludeCredentials || []), ...(publicKey.allowCredentials || [])]) known.id = bytes(known.id);
  let asked;
  const ask = async (more) => {
    if (asked) asked.abort();
    asked = new AbortController();
    const made = await navigator.credentials[publicKey.user ? "create" : "get"]({ publicKey, signal: asked.signal, ...more });
    const response = {};
    for (const name of ["attestationObject", "authenticatorData", "clientDataJSON", "signature", "userHandle"])
      if (made.response[name]) response[name] = text(made.response[name]);
    form.elements.answer.value = JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
    form.submit();
  };
  form.hidden = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    ask().catch(({ name }) => (form.querySelector("[data-failed]").hidden = name === "AbortError"));
  };
  if ("autofill" in form.dataset && (await PublicKeyCredential.isConditionalMediationAvailable?.()))
    ask({ mediation: "conditional" }).catch(() => {});
})(document.currentScript.previousElementSibling);
