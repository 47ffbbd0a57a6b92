// Marks the picture of the machine with the workers of a chosen cell.

// CPUs of a list such as "0-2,5".
function cpusOf(list) {
  const found = [];
  for (const part of list.split(",").filter(Boolean)) {
    const [first, last = first] = part.split("-").map(Number);
    for (let cpu = first; cpu <= last; ++cpu) found.push(cpu);
  }
  return found;
}

function seatsOf(detail) {
  const seats = new Map();
  const seat = (list, who) => {
    for (const cpu of cpusOf(list)) seats.set(cpu, [...(seats.get(cpu) || []), who]);
  };
  detail.places.forEach((list, at) => seat(list, "w" + at));
  seat(detail.dispatcher, "D");
  return seats;
}

function namesOf(who) {
  return who.length <= 3 ? who.join(" ") : `${who.slice(0, 2).join(" ")} +${who.length - 2}`;
}

function startMachine() {
  const figure = document.getElementById("fig-machine");
  const known = page.details.filter(({places}) => places.length);
  if (!figure.querySelector(".machine") || !known.length) return;
  const mark = (detail) => {
    const seats = seatsOf(detail);
    for (const pu of figure.querySelectorAll(".pu")) {
      const who = seats.get(Number(pu.dataset.cpu));
      pu.classList.toggle("taken", Boolean(who));
      pu.querySelector(".who").textContent = who ? namesOf(who) : "free";
    }
    const of = element("code", {textContent: cells.id[detail.cell]});
    figure.querySelector(".of").replaceChildren(of);
  };
  addSelect(figure, "Cell", known.map(({cell}) => cells.id[cell]), (at) => mark(known[at]));
  mark(known[0]);
  drawn.push("machine");
}
