// What pages do beyond links and forms. Every page works without this file; it saves clicks and waiting.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // -- keys: alt+letter presses what carries that letter; the browser's own access keys differ from one to the other.
  const mac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform || navigator.platform);
  const takeKeys = () => all("[accesskey]").forEach((element) => {
    element.dataset.key = element.accessKey;
    element.removeAttribute("accesskey");
    if (mac) element.title = element.title.replace("(alt+", "(⌥ ");
  });
  // With option, keyboards of a Mac give other characters ("å", "Dead"): there the place of the key says the letter. What
  // people type that way into a text (@, €, brackets) is left to them.
  const letterOf = (event) => {
    if (/^[a-z0-9]$/i.test(event.key) || !/^Key[A-Z]$/.test(event.code)) return event.key.toLowerCase();
    const typing = event.target.matches("input, textarea, [contenteditable]") && /^[\x21-\x7e€]$/.test(event.key);
    return typing ? "" : event.code.slice(3).toLowerCase();
  };
  takeKeys();
  document.addEventListener("htmx:afterSettle", takeKeys);
  const showKeys = (shown) => document.body.classList.toggle("show-keys", shown);
  document.addEventListener("keyup", (event) => { if (event.key === "Alt") showKeys(false); });
  addEventListener("blur", () => showKeys(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Alt") showKeys(true);
    if (event.key === "?" && !event.target.matches("input, select, textarea, [contenteditable]")) { event.preventDefault(); listKeys(); }
    const letter = event.altKey && !event.ctrlKey && !event.metaKey ? letterOf(event) : "";
    if (letter.length === 1) {
      const scope = document.querySelector("dialog[open]") || document;
      const targets = all(`[data-key="${CSS.escape(letter)}"]`, scope);
      const target = targets.find((element) => element.checkVisibility()) || targets[0];
      if (target) { event.preventDefault(); if (target.matches("input")) target.focus(); else target.click(); }
    }
    if (event.key === "Escape") all("details.drop[open], .bar-toggle[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });
  document.addEventListener("click", (event) => {
    all("details.drop[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (!event.target.closest(".bar")) all(".bar-toggle[open]").forEach((menu) => { menu.open = false; });
  });

  // -- menus: arrows go through the entries, and from one menu of the bar to the next
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("details.drop");
    const step = { ArrowDown: 1, ArrowUp: -1, Home: "first", End: "last" }[event.key];
    if (!menu || event.altKey || event.target.matches("input, select, textarea")) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const menus = all(".bar-menus > a, .bar-menus > details > summary");
      const now = menus.indexOf(menu.querySelector("summary"));
      if (now < 0) return;
      const next = menus[(now + (event.key === "ArrowRight" ? 1 : -1) + menus.length) % menus.length];
      event.preventDefault();
      if (menu.open) { menu.open = false; if (next.matches("summary")) next.parentElement.open = true; }
      next.focus();
    } else if (step) {
      event.preventDefault();
      menu.open = true;
      const entries = all("a, button", menu);
      const now = entries.indexOf(document.activeElement);
      entries.at(step === "first" ? 0 : step === "last" ? -1 : now < 0 ? (step < 0 ? -1 : 0) : (now + step) % entries.length)?.focus();
    }
  });

  // The keys of this page, by the question mark.
  const listKeys = () => {
    if (document.querySelector("dialog[open]")) return;
    const dialog = document.createElement("dialog");
    dialog.className = "dialog is-small shortcuts";
    dialog.setAttribute("aria-labelledby", "shortcuts-title");
    dialog.append(document.getElementById("shortcuts").content.cloneNode(true));
    const list = dialog.querySelector("dl");
    const seen = new Set();
    all("[data-key]").filter((element) => element.checkVisibility() && !seen.has(element.dataset.key)).forEach((element) => {
      seen.add(element.dataset.key);
      const [term, words] = [document.createElement("dt"), document.createElement("dd")];
      term.innerHTML = `<kbd>${mac ? "⌥" : "alt"}</kbd> <kbd></kbd>`;
      term.lastChild.textContent = element.dataset.key;
      words.textContent = element.getAttribute("aria-label") || element.innerText.trim();
      list.append(term, words);
    });
    const opener = document.activeElement;
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); opener.focus(); });
    dialog.showModal();
  };

  // -- a stored document: Edit leads into its first field
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-edit]");
    if (!button) return;
    const form = document.getElementById(button.dataset.edit);
    form.dataset.editing = "1";
    const first = all(".sheet :is(input, select, textarea)", form).find((field) => field.type !== "hidden" && field.name[0] !== "_" && field.tabIndex >= 0 && field.checkVisibility());
    first?.focus();
    first?.select?.();
  });

  // -- forms: tell the server of edits, send once, warn before leaving
  let leaving = false;
  const typed = new Set();
  const dirty = (form) => { form.dataset.dirty = "1"; };
  const edited = (form, name) => {
    if (!name || name.startsWith("_")) return;
    const names = form.elements._edited.value.split(",").filter((other) => other && other !== name);
    form.elements._edited.value = [...names, name].join(",");
    typed.add(name);
    dirty(form);
    form.dispatchEvent(new CustomEvent("edited"));
  };
  // Requests of a form go one after the other. Each takes along all that was edited since the one before it.
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.target.matches(".onchange") && event.target.closest("form");
    if (form && !form.elements._edited.value) event.preventDefault();
    if (form) {
      form.elements._edited.value = "";
      event.detail.parameters._faulty = all("[aria-invalid]", form).map((input) => input.name.replace(/\.add$/, "")).join(",");
    }
    typed.clear();
  });
  // What was typed while an answer was on its way is newer than the answer, and stays.
  let kept = [];
  const only = (name) => { const inputs = all(`:is([data-form], .builder) [name="${CSS.escape(name)}"]`); return inputs.length === 1 && inputs[0].type !== "file" ? inputs[0] : null; };
  document.addEventListener("htmx:beforeSwap", ({ detail, target }) => {
    // Where a condition of a filter was removed, the names of the others mean others.
    if (target.closest(".builder") && String(detail.requestConfig.parameters._do).startsWith("remove")) typed.clear();
    kept = [...typed].flatMap((name) => [name, `${name}.id`]).filter(only).map((name) => [name, only(name).value, only(name).checked]);
  });
  document.addEventListener("htmx:afterRequest", () => {
    kept.filter(([name]) => only(name)).forEach(([name, value, checked]) => {
      const input = only(name);
      if (input.value !== value) input.value = value;
      if (input.checked !== checked) input.checked = checked;
    });
    kept = [];
  });
  document.addEventListener("input", (event) => { if (event.target.closest(".builder")) typed.add(event.target.name); });
  document.addEventListener("input", (event) => { const form = event.target.closest("[data-form]"); if (form && !(event.target.name || "_").startsWith("_")) { dirty(form); typed.add(event.target.name); } });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-form]");
    const name = event.target.name || "";
    // A file is told of when the form is sent; until then only the browser has it.
    if (form && event.target.type === "file") dirty(form);
    else if (form && !/\.(id|clear)$/.test(name)) edited(form, name.replace(/\.add$/, ""));
  });
  // A form is sent when what was edited last is answered: the answer may fill in what the form needs.
  let asking = 0, waiting = null;
  // Lists that are edited in place do not tell of edits, they only ask for lines to be added or removed.
  const settled = (form) => !form.matches("[data-form]") || !form.elements._edited || (asking === 0 && !(form.elements._edited.value && form.querySelector(".onchange")));
  const send = (anyway) => {
    if (!waiting || (!anyway && !settled(waiting.form))) return;
    const { form, name, value } = waiting;
    waiting = null;
    if (anyway === true) { asking = 0; form.elements._edited.value = ""; }
    const button = [...form.elements].find((element) => element.type === "submit" && element.name === name && element.value === value);
    if (button) form.requestSubmit(button);
  };
  document.addEventListener("htmx:beforeRequest", () => { asking += 1; });
  // htmx asks for buttons that stand outside of their form, but lets them send the form as well.
  document.addEventListener("click", (event) => { if (event.target.closest("button[form][hx-post]")) event.preventDefault(); });
  document.addEventListener("htmx:afterRequest", () => { asking = Math.max(0, asking - 1); setTimeout(send); });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
    if (!settled(form)) {
      event.preventDefault();
      const waited = waiting;
      waiting = { form, name: event.submitter?.name, value: event.submitter?.value };
      if (!waited) setTimeout(send, 5000, true);
      return;
    }
    form.setAttribute("aria-busy", "true");
    leaving = true;
    // Back leads to the document, not to a question that is answered.
    const question = form.closest("dialog[data-back]");
    if (question) { history.replaceState(history.state, "", question.dataset.back); question.dataset.sent = "1"; }
    rememberFocus(event.submitter);
    rememberPlace();
    // A file that is sent as an answer leaves the page where it is.
    setTimeout(() => { form.removeAttribute("aria-busy"); leaving = false; }, 4000);
  });
  // The page of a notebook and the height stay, also below a dialog (whose address names the page below it) and after it.
  const here = new URL(new URLSearchParams(location.search).get("over") || location, location).pathname;
  const rememberPlace = () => sessionStorage.setItem("scroll", JSON.stringify([here, scrollY, ...all(".tab-radio:checked").map((tab) => tab.id)]));
  // What opened a dialog, or sent a form, has the focus again when its page is back.
  const rememberFocus = (opener) => {
    if (!opener || opener.closest("dialog")) return;
    const active = document.activeElement;
    const selector = active.id && active !== opener && active.matches("[data-form] :is(input, select, textarea)") ? `#${CSS.escape(active.id)}`
      : opener.id ? `#${CSS.escape(opener.id)}` : opener.name ? `[name="${CSS.escape(opener.name)}"][value="${CSS.escape(opener.value)}"]:not([tabindex="-1"])` : opener.href ? `a[href="${CSS.escape(opener.getAttribute("href"))}"]` : "";
    // A button that takes its leave ("+" beside a number that is filled in, "Start" of a line) leaves the focus beside it.
    const around = opener.closest("tr[id], .pair[id]")?.id || "";
    if (selector) sessionStorage.setItem("focus", JSON.stringify([location.pathname, selector, around]));
  };
  const isThere = (element) => element?.checkVisibility() && !element.disabled && element.type !== "hidden" && element.tabIndex >= 0;
  document.addEventListener("click", (event) => { const link = event.target.closest("a.button"); if (link) rememberFocus(link); });
  const restoreFocus = () => {
    if (document.querySelector("dialog[data-modal], tr [autofocus]")) return;
    const [path, selector, around] = JSON.parse(sessionStorage.getItem("focus") || "[]");
    sessionStorage.removeItem("focus");
    if (path !== location.pathname || document.activeElement !== document.body) return;
    const opener = document.querySelector(selector);
    const shown = opener && !opener.checkVisibility() ? opener.closest("details")?.querySelector("summary") : opener;
    const place = document.getElementById(around || "");
    const beside = place && (all("td .button:not(.is-icon)", place).find(isThere) || all("input, select, textarea, a, button", place).find(isThere));
    (shown || beside)?.focus({ preventScroll: true });
  };
  // Leaving an input for a button sends an edit; where the answer draws the button anew before it is let go, the browser
  // fires no click. The button that has taken its place is clicked then.
  let pressed = null;
  const formOf = (button) => button.form?.id || button.getAttribute("form") || "";
  document.addEventListener("pointerdown", (event) => {
    const button = event.button === 0 && event.target.closest("button[type=submit], button:not([type])");
    pressed = button && button.name ? { button, form: formOf(button), x: event.clientX, y: event.clientY } : null;
  });
  document.addEventListener("pointerup", (event) => {
    const gone = pressed;
    pressed = null;
    if (!gone || gone.button.isConnected || Math.hypot(event.clientX - gone.x, event.clientY - gone.y) > 10) return;
    all("button").find((button) => button.name === gone.button.name && button.value === gone.button.value && formOf(button) === gone.form)?.click();
  });
  document.addEventListener("pointercancel", () => { pressed = null; });
  addEventListener("pageshow", (event) => {
    all("form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"));
    if (event.persisted && document.querySelector("dialog[data-sent]")) location.reload();
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && document.querySelector("[data-form][data-dirty]")) event.preventDefault();
  });
  all("[data-discard], .dialog-close, .dialog-foot a").forEach((link) => link.addEventListener("click", () => { leaving = true; rememberPlace(); }));
  const [place, height, ...tabs] = JSON.parse(sessionStorage.getItem("scroll") || "[]");
  sessionStorage.removeItem("scroll");
  const problems = document.getElementById("problems");
  if (place === here && !problems) tabs.forEach((id) => { const tab = document.getElementById(id); if (tab) tab.checked = true; });
  if (problems) { problems.focus({ preventScroll: true }); problems.scrollIntoView({ block: "nearest" }); } else if (place === here) scrollTo(0, height);
  // Where the page stands below its messages, they stay in sight until one goes on.
  const said = document.getElementById("messages");
  const bar = document.querySelector(".control-bar");
  const above = bar && getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
  if (said?.childElementCount && said.getBoundingClientRect().top < above) {
    said.style.top = `${above}px`;
    said.classList.add("is-pinned");
    const goesOn = (event) => { if (!said.contains(event.target)) said.classList.remove("is-pinned"); };
    ["wheel", "touchmove", "pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, goesOn, { passive: true }));
  }
  if (problems) all("[data-form]").forEach(dirty);

  // Where the rows of a list scroll by themselves, they stand as they did when one comes back to the list.
  const rows = document.querySelector(".list-scroll, .list-editing");
  if (rows) {
    const [left, top] = JSON.parse(sessionStorage.getItem("rows") || "[]");
    if (left === location.href) rows.scrollTop = top;
    addEventListener("pagehide", () => sessionStorage.setItem("rows", JSON.stringify([location.href, rows.scrollTop])));
  }

  // -- a form that comes back after signing in again goes straight on to its page
  all("[data-resume]").forEach((form) => form.requestSubmit(form.querySelector("[value=stay]")));

  // -- dialogs: drawn open by the server; made modal here
  all("dialog[data-modal]").forEach((dialog) => {
    dialog.close();
    dialog.showModal();
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      leaving = true;
      rememberPlace();
      const stay = dialog.querySelector("[value=stay]");
      if (stay) stay.click(); else if (dialog.dataset.back) location.href = dialog.dataset.back;
    });
  });

  restoreFocus();

  // -- lists: a click anywhere in a row opens it; choose all
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, [popover]") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener"); else location.href = row.dataset.href;
  });
  const count = () => all("[data-count]").forEach((element) => { element.textContent = all("[name=ids]:checked").length; });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) all("[name=ids]").forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("[data-all], [name=ids]")) count();
  });
  all(".choose").forEach((cell) => cell.addEventListener("click", (event) => { if (event.target === cell) cell.querySelector("input")?.click(); }));
  count();

  // -- files: one that the server would refuse is told of at once, while the rest of the form is still there
  // A picture is made as small as it is ever shown, and shown; what is attached to a document is sent.
  const longest = 1920;
  const shrink = async (input) => {
    const file = input.files[0];
    const picture = file && file.type !== "image/gif" ? await createImageBitmap(file).catch(() => null) : null;
    const scale = picture ? longest / Math.max(picture.width, picture.height) : 1;
    if (scale >= 1) return;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const kind = file.type === "image/jpeg" ? file.type : "image/webp";
    const small = await new Promise((done) => { canvas.toBlob(done, kind, .88); });
    if (!small || input.files[0] !== file) return;
    const chosen = new DataTransfer();
    chosen.items.add(new File([small], file.name, { type: small.type }));
    input.files = chosen.files;
  };
  const preview = (box, file) => {
    const reader = new FileReader();
    reader.onload = () => {
      const image = document.createElement("img");
      const frame = box.querySelector(".picture-frame");
      image.alt = "";
      image.onload = () => { frame.querySelector("img, svg").replaceWith(image); frame.classList.remove("is-empty"); };
      image.src = reader.result;
    };
    reader.readAsDataURL(file);
    all("[type=checkbox]", box).forEach((remove) => { remove.checked = false; });
    box.querySelector("details").open = false;
  };
  // Choosing is enough.
  all(".attach .button").forEach((button) => { button.hidden = true; });
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (input.type !== "file" || !input.dataset.limit) return;
    const box = input.closest("[data-picture], .file, .attach");
    const picture = box.matches("[data-picture]");
    if (picture) await shrink(input);
    const large = [...input.files].some((file) => file.size > Number(input.dataset.limit));
    box.querySelector(".field-error").hidden = !large;
    if (large) input.value = "";
    else if (picture && input.files.length) preview(box, input.files[0]);
    else if (box.matches(".attach") && input.files.length) box.querySelector("button").click();
  });

  // -- dates: typed as text; the browser's own calendar, by its button or alt+down, fills them in
  const openCalendar = (box) => {
    const calendar = box.querySelector(".date-native");
    calendar.addEventListener("change", () => {
      const input = box.firstElementChild;
      input.value = calendar.value.replace("T", " ");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.focus();
    }, { once: true });
    calendar.showPicker();
  };
  document.addEventListener("click", (event) => { const button = event.target.closest("[data-calendar]"); if (button) openCalendar(button.parentElement); });
  document.addEventListener("keydown", (event) => {
    if (event.altKey && event.key === "ArrowDown" && event.target.matches(".date-box > input:first-child")) { event.preventDefault(); openCalendar(event.target.parentElement); }
  });

  let chosenFor = "";
  // -- tables in forms: Enter goes down a line; after the last it adds one where lines are being entered: in a form that
  // was never saved, and after a line that was just added. Elsewhere, as on a phone in a transfer, it ends the entry.
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".lines.is-editable td");
    if (event.key !== "Enter" || !cell || event.target.matches("button, a, textarea") || event.defaultPrevented) return;
    event.preventDefault();
    const below = cell.parentElement.nextElementSibling?.cells[cell.cellIndex]?.querySelector("input, select");
    if (below) { below.focus(); return; }
    event.target.blur();
    if (cell.closest("form.is-new, tr[id*='-new']")) cell.closest(".lines-box").querySelector(".add-line")?.click();
  });
  // After one of several names, or a new one, was chosen at a field, the focus is in the field.
  document.addEventListener("htmx:beforeRequest", ({ target }) => { chosenFor = target.matches(".chip[data-for]") ? target.dataset.for : chosenFor; });
  document.addEventListener("htmx:afterRequest", () => { if (chosenFor) document.getElementById(chosenFor)?.focus(); chosenFor = ""; });
  document.addEventListener("htmx:afterSettle", () => {
    const fresh = all("tr.is-fresh");
    fresh.at(-1)?.querySelector("[autofocus]")?.focus();
    fresh.forEach((row) => row.classList.remove("is-fresh"));
  });

  // -- inputs of linked records: names while typing
  const LOOKUP = "[data-complete] input[role=combobox]";
  let list = null, owner = null, asked = 0, timer = 0, hurried = null;
  const own = (target) => target === owner || list.contains(target) || owner.closest("[data-complete]")?.contains(target);
  const close = () => { list?.remove(); list = null; owner?.setAttribute("aria-expanded", "false"); owner?.removeAttribute("aria-activedescendant"); owner = null; clearTimeout(timer); asked++; };
  const mark = (option) => {
    all("[role=option]", list).forEach((item) => item.setAttribute("aria-selected", String(item === option)));
    if (option) { owner.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
  };
  // The list lies above everything, where there is room: neither a table that scrolls nor a dialog cuts it off.
  const placeList = () => {
    if (!list) return;
    const { left, top, bottom, width } = owner.getBoundingClientRect();
    const above = innerHeight - bottom < Math.min(list.offsetHeight + 8, top);
    list.style.minWidth = `${width}px`;
    list.style.left = `${Math.max(4, Math.min(left, innerWidth - list.offsetWidth - 4))}px`;
    list.style.top = above ? "auto" : `${bottom + 3}px`;
    list.style.bottom = above ? `${innerHeight - top + 3}px` : "auto";
  };
  addEventListener("scroll", placeList, { capture: true, passive: true });
  addEventListener("resize", placeList);
  const ask = async (input) => {
    const box = input.closest("[data-complete]");
    const number = ++asked;
    const words = input.value === input.dataset.picked ? "" : input.value;
    const url = box.dataset.complete + (box.dataset.complete.includes("?") ? "&" : "?") + new URLSearchParams({ q: words, create: box.dataset.create || "", label: box.dataset.createLabel || "" });
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    const options = answer.ok ? await answer.text() : "";
    if (!input.isConnected) input = document.getElementById(input.id);
    if (number !== asked || !options || document.activeElement !== input) return;
    if (!list) { list = document.createElement("div"); list.className = "options"; list.setAttribute("role", "listbox"); list.id = `${input.id}-options`; list.popover = "manual"; (input.closest("dialog") || document.body).append(list); list.showPopover(); }
    owner = input;
    list.innerHTML = options;
    placeList();
    all("[role=option]", list).forEach((option, index) => { option.id = `${list.id}-${index}`; });
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", list.id);
    // What makes a record is never taken by itself: one has to choose it.
    if (words) mark(list.querySelector("[role=option]:not(.is-create)"));
    // Enter was pressed in this input before the answer came: take the first name that fits.
    const first = hurried?.id === input.id && list.querySelector("[role=option]:not(.is-create)");
    hurried = null;
    if (first) pick(input, first);
  };
  const pick = (input, option) => {
    const { id, label } = option.dataset;
    const form = input.closest("form");
    if (input.name.endsWith(".add")) {
      const tag = document.createElement("label");
      tag.className = "tag";
      tag.innerHTML = '<input type="checkbox" checked> <span></span>';
      tag.firstChild.name = input.name.slice(0, -4);
      tag.firstChild.value = `${id}|${label}`;
      tag.lastChild.textContent = label;
      input.value = "";
      input.closest(".combo").before(tag);
      close();
      edited(form, input.name.slice(0, -4));
      return;
    }
    input.value = label;
    input.dataset.picked = label;
    const key = input.parentElement.querySelector('input[type="hidden"]');
    if (key) key.value = `${id}|${label}`;
    close();
    edited(form, input.name);
  };
  document.addEventListener("focusin", (event) => {
    if (drawn?.input.id && drawn.input.id === event.target.id) return;
    if (event.target.matches(LOOKUP)) { event.target.dataset.picked = event.target.value; event.target.select(); }
    if (list && !own(event.target)) close();
  });
  // An answer to an edit may draw the input anew in which one is typing: its list stays open and belongs to the new one.
  let drawn = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const input = document.activeElement;
    if (input.matches(LOOKUP)) drawn = { input, picked: input.dataset.picked, from: input.selectionStart, to: input.selectionEnd };
  });
  document.addEventListener("htmx:afterRequest", () => {
    const before = drawn;
    const input = before && !before.input.isConnected && document.getElementById(before.input.id);
    if (input && input.matches(LOOKUP)) {
      if (document.activeElement !== input) input.focus({ preventScroll: true });
      // The server may have taken the beginning of a name for all of it.
      if (before.input.value !== before.picked) {
        input.value = before.input.value;
        const [key, old] = [input, before.input].map((each) => each.parentElement.querySelector("input[type=hidden]"));
        if (key && old) key.value = old.value;
      }
      input.dataset.picked = before.picked;
      input.setSelectionRange(before.from, before.to);
      if (owner === before.input) {
        owner = input;
        owner.setAttribute("aria-expanded", "true");
        owner.setAttribute("aria-controls", list.id);
        mark(list.querySelector("[aria-selected=true]"));
        placeList();
      }
    } else if (list && !owner.isConnected) close();
    drawn = null;
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches(LOOKUP)) return;
    hurried = null;
    clearTimeout(timer);
    timer = setTimeout(ask, 120, event.target);
  });
  document.addEventListener("click", (event) => {
    if (event.target.matches(LOOKUP) && !list) ask(event.target);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest(".options [role=option]");
    if (option) { event.preventDefault(); pick(owner, option); } else if (list && !own(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!input.matches?.(LOOKUP)) return;
    const typing = input.value !== input.dataset.picked && input.value;
    if (!list) {
      const wanted = event.key === "ArrowDown" || (event.key === "Enter" && typing);
      if (wanted) { event.preventDefault(); event.stopPropagation(); hurried = event.key === "Enter" ? input : null; ask(input); }
      return;
    }
    const options = all("[role=option]", list);
    const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      mark(options[(now + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (now >= 0) pick(input, options[now]); else if (typing) { hurried = input; clearTimeout(timer); ask(input); } else close();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === "Tab") {
      if (now >= 0 && typing) pick(input, options[now]);
      close();
    }
  }, true);

  // -- lists: the border of a heading is dragged, or moved by arrow keys; the page that saves layouts is given the widths
  const [narrowest, widest] = [2, 60];
  const widthOf = (heading) => Number(/\bwidth-(\d+)/.exec(heading.className)?.[1] || 0);
  const setWidth = (heading, width) => {
    const table = heading.closest("table");
    const cells = [...(heading.matches(".stuck-1") ? [table] : []), heading, ...all("tr", table).filter((row) => row.cells.length === heading.parentElement.cells.length).map((row) => row.cells[heading.cellIndex])];
    cells.forEach((cell) => {
      cell.className = cell.className.replace(/\s*\bwidth-\d+/, "");
      if (width) cell.classList.add(`width-${width}`);
    });
    const border = heading.querySelector("[role=separator]");
    border.ariaValueNow = width || Math.round(inEm(heading, heading.offsetWidth));
    border.ariaValueText = width ? `${width} em` : table.dataset.auto;
  };
  const inEm = (heading, pixels) => pixels / parseFloat(getComputedStyle(heading.closest("table")).fontSize);
  const bounded = (width) => Math.max(narrowest, Math.min(widest, Math.round(width)));
  // Every address of this list says the widths from now on, and so do those of its records on their way back.
  const keepWidths = (table) => {
    const base = new URL(location).searchParams.get("layout")?.split(",")[0] || "";
    const columns = all("[data-column]", table).map((heading) => heading.dataset.column + (widthOf(heading) ? `:${widthOf(heading)}` : ""));
    const layout = [...(/^\d+$/.test(base) ? [base] : []), ...columns].join(",");
    const list = location.pathname;
    const pages = all("[data-list-page]").map((link) => new URL(link.href).pathname);
    const changed = (address) => {
      const url = new URL(address, location);
      // A list that is too long for an address stands in it by a key.
      const query = new URLSearchParams(url.searchParams.get("list")?.replace(/^~.*/, "") || "");
      if ([list, ...pages].includes(url.pathname)) url.searchParams.set("layout", layout);
      else if (query.size) { query.set("layout", layout); url.searchParams.set("list", query); } else return address;
      return url.href.length < 3900 ? url.pathname + url.search : address;
    };
    all("main a[href], .control-bar a[href]").forEach((link) => { if (!link.closest(".drop-pair")) link.href = changed(link.getAttribute("href")); });
    all("tr[data-href]").forEach((row) => { row.dataset.href = changed(row.dataset.href); });
    all("form.search-form").forEach((form) => {
      const input = form.elements.layout || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "layout" }));
      input.value = layout;
    });
    all("form#list").forEach((form) => { form.action = changed(form.getAttribute("action")); });
    history.replaceState(history.state, "", changed(location.href));
  };
  all("table[data-widths]").forEach((table) => {
    const borders = all("[data-column]", table).map((heading, place) => {
      const border = document.createElement("span");
      const name = heading.innerText.trim();
      heading.ariaLabel = name;
      Object.assign(border, { className: "border-grip", role: "separator", tabIndex: place ? -1 : 0, title: table.dataset.help });
      Object.assign(border, { ariaOrientation: "vertical", ariaValueMin: narrowest, ariaValueMax: widest, ariaLabel: table.dataset.label.replace("{}", name) });
      heading.append(border);
      setWidth(heading, widthOf(heading));
      return border;
    });
    const reach = (border) => { borders.forEach((each) => { each.tabIndex = each === border ? 0 : -1; }); border.focus(); };
    let grip = null;
    table.addEventListener("pointerdown", (event) => {
      const border = event.target.closest(".border-grip");
      if (!border || event.button) return;
      event.preventDefault();
      const heading = border.parentElement;
      grip = { heading, from: event.clientX, width: inEm(heading, heading.offsetWidth), way: getComputedStyle(table).direction === "rtl" ? -1 : 1 };
      border.setPointerCapture(event.pointerId);
      reach(border);
    });
    table.addEventListener("pointermove", (event) => {
      if (grip) setWidth(grip.heading, bounded(grip.width + grip.way * inEm(grip.heading, event.clientX - grip.from)));
    });
    ["pointerup", "pointercancel"].forEach((kind) => table.addEventListener(kind, () => { if (grip) keepWidths(table); grip = null; }));
    table.addEventListener("dblclick", (event) => {
      const border = event.target.closest(".border-grip");
      if (border) { setWidth(border.parentElement, 0); keepWidths(table); }
    });
    table.addEventListener("keydown", (event) => {
      const border = event.target.closest(".border-grip");
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const other = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!border || event.altKey || event.ctrlKey || event.metaKey) return;
      const heading = border.parentElement;
      if (other) reach(borders[(borders.indexOf(border) + other + borders.length) % borders.length]);
      else if (step) setWidth(heading, bounded((widthOf(heading) || inEm(heading, heading.offsetWidth)) + step * (getComputedStyle(table).direction === "rtl" ? -1 : 1)));
      else if (event.key === "Home" || event.key === "End") setWidth(heading, event.key === "Home" ? narrowest : widest);
      else if (event.key === "Enter") setWidth(heading, 0);
      else return;
      event.preventDefault();
      if (!other) keepWidths(table);
    });
  });

  // -- passwords can be looked at while they are typed
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-secret]");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    input.type = input.type === "password" ? "text" : "password";
    button.ariaPressed = String(input.type === "text");
  });

  // -- layouts: columns change places by dragging their rows
  all("[data-arrange] tr").forEach((row) => { row.draggable = true; });
  let dragged = null;
  document.addEventListener("dragstart", (event) => { dragged = event.target.closest && event.target.closest("[data-arrange] tr"); });
  document.addEventListener("dragover", (event) => {
    const row = dragged && event.target.closest("[data-arrange] tr");
    if (!row) return;
    event.preventDefault();
    const box = row.getBoundingClientRect();
    if (row !== dragged) row[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  document.addEventListener("dragend", () => { dragged = null; });
})();
