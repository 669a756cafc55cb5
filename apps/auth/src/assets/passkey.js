// Forms that are sent with a passkey: `data-passkey` is "create" or "get", `data-options` what the call takes.
for (const form of document.querySelectorAll('form[data-passkey]')) {
  const create = form.dataset.passkey === 'create';
  const read =
    globalThis.PublicKeyCredential?.[create ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'];
  if (!read) continue;
  const failure = form.querySelector('[data-failure]');
  const button = form.querySelector('button');
  form.hidden = false;
  for (const other of document.querySelectorAll('[data-without-passkeys]')) other.hidden = true;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    failure.hidden = true;
    button.disabled = true;
    try {
      const publicKey = read.call(PublicKeyCredential, JSON.parse(form.dataset.options));
      const made = await navigator.credentials[create ? 'create' : 'get']({ publicKey });
      form.elements.credential.value = JSON.stringify(made);
      form.submit();
    } catch {
      // Cancelled, timed out, or no such passkey: the browser tells no more.
      failure.hidden = false;
      button.disabled = false;
    }
  });
}
