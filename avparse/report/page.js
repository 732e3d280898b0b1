// Rows that do not hold what is typed above a table are hidden.
"use strict";
document.documentElement.classList.add("js");
for (const input of document.querySelectorAll(".filter input")) {
  const table = document.getElementById(input.getAttribute("aria-controls"));
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    // Sorting makes a new body.
    for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
// What is folded away is printed, too.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
