for (const table of document.querySelectorAll("table.sorted")) {
  table.tHead.querySelectorAll("th").forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => {
      const up = head.getAttribute("aria-sort") === "descending";
      table.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = row => {
        const cell = row.cells[column];
        return column ? parseFloat(cell.dataset.value ?? cell.textContent.replace(/,/g, ""))
          : cell.textContent;
      };
      const compare = (a, b) => column ? key(a) - key(b) : key(b).localeCompare(key(a));
      const rows = [...table.tBodies[0].rows];
      table.tBodies[0].append(...rows.sort((a, b) => up ? compare(a, b) : compare(b, a)));
    };
  });
}
