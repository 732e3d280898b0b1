// The filter above a table hides the rows without the entered text.
"use strict";
document.documentElement.classList.add("js");
for (const input of document.querySelectorAll(".filter input")) {
  const table = document.getElementById(input.getAttribute("aria-controls"));
  input.addEventListener("input", () => {
    const text = input.value.trim().toLowerCase();
    // Sorting replaces the table body.
    for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(text);
  });
}
// Folded parts are printed as well.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
