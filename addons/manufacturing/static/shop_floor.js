// The Shop Floor: cards that are done fade away, clocks run, and the cards are refreshed unless a dialog or a form is in use.
(() => {
  "use strict";
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const leaves = /:(do_finish|action_close_production|button_mark_done)$/;

  // -- a card that is done fades away while its form is on its way; what the server says is shown when it is gone
  // A browser that draws nothing, in a tab behind others, ends no transition.
  const gone = (card) => {
    card.classList.add("is-leaving");
    const faded = Promise.allSettled(card.getAnimations().map((animation) => animation.finished));
    return Promise.race([faded, new Promise((done) => { setTimeout(done, 2000); })]);
  };
  document.addEventListener("submit", async (event) => {
    const card = event.target.closest(".floor-card");
    const button = event.submitter;
    if (!card || !leaves.test(button?.value || "") || card.dataset.sent) return;
    if (button.matches(":focus-visible")) sessionStorage.setItem("floor-next", "1");
    if (still.matches) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    card.dataset.sent = "1";
    const sent = fetch(card.action, { method: "POST", body: new URLSearchParams(new FormData(card, button)), headers: { "HX-Request": "true" }, keepalive: true });
    const [answer] = await Promise.all([sent.catch(() => null), gone(card)]);
    const location = answer?.headers.get("HX-Redirect");
    // Anything else is shown as a page: the form is sent once more, which carries nothing out twice.
    if (location) window.location.href = location; else card.requestSubmit(button);
  }, true);
  addEventListener("pageshow", () => document.querySelectorAll(".is-leaving").forEach((card) => { card.classList.remove("is-leaving"); delete card.dataset.sent; }));

  // -- who works with the keyboard goes on at the first card
  if (sessionStorage.getItem("floor-next") && document.activeElement === document.body) document.querySelector(".floor-card h2 a")?.focus();
  sessionStorage.removeItem("floor-next");

  // -- htmx asks for the cards every few seconds; not while a dialog is open, a form is being sent or the page is hidden
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.id !== "floor") return;
    if (document.hidden || document.querySelector("dialog[open], .is-leaving, form[aria-busy=true]")) event.preventDefault();
  });

  // -- clocks
  const tick = () => document.querySelectorAll("[data-clock]").forEach((clock) => {
    const seconds = Math.max(0, Math.floor(Number(clock.dataset.minutes) * 60 + (Date.now() - Date.parse(clock.dataset.clock)) / 1000));
    clock.querySelector("[data-shown]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  });
  tick();
  setInterval(tick, 1000);
  document.addEventListener("htmx:afterSwap", tick);
})();
