// Paints what relay counted: every number is in #data, and `plots.js` stands above.
for (const [id, shop] of JSON.parse(document.getElementById("data").textContent).entries()) {
  await show(document.getElementById(`plots-${id}`), shop, (zh, en, joint) => zh + joint + en, { id });
}
document.documentElement.dataset.drawn = "yes";
