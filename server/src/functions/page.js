// Searching: entries of which every word is a part stay, those named so first in view.
const search = document.getElementById("search");
const none = document.getElementById("none");
const entries = [...document.querySelectorAll("article")].map((article) => [article, article.textContent.toLowerCase()]);
const show = () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const [article, text] of entries) article.hidden = !words.every((word) => text.includes(word));
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  none.hidden = entries.some(([article]) => !article.hidden);
  const named = words.length === 1 && document.getElementById(words[0].toUpperCase());
  if (named) named.scrollIntoView();
};
search.addEventListener("input", show);
