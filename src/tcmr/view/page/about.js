// Who is in the clip, and how it was made.

export function fillPersons(table, results) {
  for (const { persons } of results)
    for (const person of persons) {
      const cells = [
        person.label,
        person.ranges.map(([first, last]) => `${first}–${last}`).join(", "),
        person.frames,
        `${person.height_m.toFixed(2)} m`,
        `${person.mean_speed_m_s.toFixed(2)} m/s`,
        `${person.mean_acceleration_m_s2.toFixed(1)} m/s²`,
        `${person.path_m.toFixed(1)} m`,
      ];
      const row = table.insertRow();
      row.style.setProperty("--person", person.css);
      for (const text of cells) row.insertCell().textContent = text;
      row.cells[0].className = "person";
    }
}

export function fillFacts(container, results) {
  for (const { label, facts, notes } of results) {
    if (results.length > 1) container.append(made("h3", label));
    const list = document.createElement("dl");
    for (const [name, text] of facts) list.append(made("dt", name), made("dd", text));
    container.append(list);
    for (const note of notes) container.append(made("p", note, "note"));
  }
}

function made(tag, text, kind = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = kind;
  return element;
}
