"use strict";
(function () {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const aside = document.querySelector("aside");
  let zoom = 1, found = [], at = -1;

  function chosen(rung) {
    all(".rung.chosen").forEach((other) => other.classList.remove("chosen"));
    if (rung) rung.classList.add("chosen");
  }
  function show(number) {
    const details = document.getElementById("m" + number);
    const rung = document.getElementById("r" + number);
    if (!details) return;
    aside.querySelector("h3").textContent = details.querySelector("summary").textContent;
    aside.querySelector("pre").textContent = details.querySelector("pre").textContent;
    aside.hidden = false;
    chosen(rung);
  }
  function hide() {
    aside.hidden = true;
    chosen(null);
  }
  function scale() {
    all("svg.ladder").forEach((svg) => {
      svg.setAttribute("width", svg.dataset.width * zoom);
      svg.setAttribute("height", svg.dataset.height * zoom);
    });
  }
  /* Rungs stand below one another, without those that are folded. */
  function fold(on) {
    all("svg.rungs").forEach((svg) => {
      let y = 0;
      all("g.row", svg).forEach((row) => {
        const gone = on && row.classList.contains("copy");
        row.style.display = gone ? "none" : "";
        row.setAttribute("transform", "translate(0," + y + ")");
        if (!gone) y += Number(row.dataset.height);
      });
      svg.dataset.height = y;
      svg.setAttribute("viewBox", "0 0 " + svg.dataset.width + " " + y);
    });
    scale();
  }
  function search(text) {
    const wanted = text.toLowerCase();
    all(".found").forEach((one) => one.classList.remove("found"));
    found = [];
    at = -1;
    if (wanted)
      all("details[id^=m]").forEach((details) => {
        if (!details.textContent.toLowerCase().includes(wanted)) return;
        const rung = document.getElementById("r" + details.id.slice(1));
        details.classList.add("found");
        if (rung) rung.classList.add("found");
        found.push(rung || details);
      });
    document.getElementById("count").textContent = wanted ? String(found.length) : "";
  }
  /* What is folded around it is opened. */
  function reveal(one) {
    for (let around = one; around; around = around.parentElement)
      if (around.matches("details.call")) around.open = true;
  }
  function next() {
    if (found.length === 0) return;
    at = (at + 1) % found.length;
    reveal(found[at]);
    found[at].scrollIntoView({ block: "center", inline: "nearest" });
    document.getElementById("count").textContent = at + 1 + "/" + found.length;
  }

  document.addEventListener("click", (event) => {
    const place = event.target.closest("a[href^='#call']");
    if (place) reveal(document.querySelector(place.getAttribute("href")));
    const link = event.target.closest("[data-message]");
    if (!link) return;
    event.preventDefault();
    show(link.dataset.message);
    const rung = document.getElementById("r" + link.dataset.message);
    if (rung && link !== rung) rung.scrollIntoView({ block: "center", inline: "nearest" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  aside.querySelector(".close").addEventListener("click", hide);
  document.getElementById("larger").addEventListener("click", () => { zoom = Math.min(zoom * 1.25, 4); scale(); });
  document.getElementById("smaller").addEventListener("click", () => { zoom = Math.max(zoom / 1.25, 0.25); scale(); });
  document.getElementById("fold").addEventListener("change", (event) => fold(event.target.checked));
  const field = document.getElementById("search");
  field.addEventListener("input", () => search(field.value));
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") next(); });
  document.querySelector("header .tools").hidden = false;
})();
